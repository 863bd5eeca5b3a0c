/** What is done to the cluster, and how it is repaired. */
@NullMarked
package io.antiphon.chaos.faults;

import org.jspecify.annotations.NullMarked;
