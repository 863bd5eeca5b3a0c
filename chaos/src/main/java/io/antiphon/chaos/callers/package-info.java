/** Callers that follow a script, and what they received. */
@NullMarked
package io.antiphon.chaos.callers;

import org.jspecify.annotations.NullMarked;
