/** The benchmark of call analytics. */
@NullMarked
package io.antiphon.benchmarks.calls;

import org.jspecify.annotations.NullMarked;
