/** Benchmarks of the model alone: decoding steps, rates, the Python reference. */
package io.antiphon.benchmarks.decoding;
