/** Calls of two on a cluster of processes, for call analytics. */
@NullMarked
package io.antiphon.chaos.calls;

import org.jspecify.annotations.NullMarked;
