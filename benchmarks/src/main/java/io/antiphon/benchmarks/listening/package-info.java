/** The benchmark of what hears whether somebody speaks. */
@NullMarked
package io.antiphon.benchmarks.listening;

import org.jspecify.annotations.NullMarked;
