/** The command {@code bench} and what its benchmarks share. */
package io.antiphon.benchmarks;
