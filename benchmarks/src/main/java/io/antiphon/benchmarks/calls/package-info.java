/** The benchmark of call analytics. */
package io.antiphon.benchmarks.calls;
