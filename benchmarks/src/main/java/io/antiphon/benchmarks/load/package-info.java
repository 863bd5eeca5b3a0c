/** The benchmark of many conversations at once. */
package io.antiphon.benchmarks.load;
