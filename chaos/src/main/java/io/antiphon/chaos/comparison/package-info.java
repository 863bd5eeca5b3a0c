/** Received answers and committed turns against those of an undisturbed run. */
@NullMarked
package io.antiphon.chaos.comparison;

import org.jspecify.annotations.NullMarked;
