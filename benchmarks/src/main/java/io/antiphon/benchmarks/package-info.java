/** The command {@code bench} and what its benchmarks share. */
@NullMarked
package io.antiphon.benchmarks;

import org.jspecify.annotations.NullMarked;
