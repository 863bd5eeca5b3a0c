/** Received answers and committed turns against those of an undisturbed run. */
package io.antiphon.chaos.comparison;
