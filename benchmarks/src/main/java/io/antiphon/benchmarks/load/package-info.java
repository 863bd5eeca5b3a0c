/** The benchmark of many conversations at once. */
@NullMarked
package io.antiphon.benchmarks.load;

import org.jspecify.annotations.NullMarked;
