/** The benchmark of what hears whether somebody speaks. */
package io.antiphon.benchmarks.listening;
