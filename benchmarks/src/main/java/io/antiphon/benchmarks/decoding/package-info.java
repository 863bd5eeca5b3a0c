/** Benchmarks of the model alone: decoding steps, rates, the Python reference. */
@NullMarked
package io.antiphon.benchmarks.decoding;

import org.jspecify.annotations.NullMarked;
