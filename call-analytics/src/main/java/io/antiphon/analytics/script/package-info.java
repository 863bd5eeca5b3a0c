/**
 * Scripts of calls with their exact truth, from a seed: who says what when, who interrupts whom,
 * what personal data is given and in what way. For tests and for judging a line from end to end.
 */
@NullMarked
package io.antiphon.analytics.script;

import org.jspecify.annotations.NullMarked;
