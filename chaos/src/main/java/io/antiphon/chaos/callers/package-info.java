/** Callers that follow a script, and what they received. */
package io.antiphon.chaos.callers;
