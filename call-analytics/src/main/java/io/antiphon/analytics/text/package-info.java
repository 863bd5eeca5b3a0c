/** Spoken text as written text: numbers, dates, times, amounts, spelled words, e-mail addresses. */
@NullMarked
package io.antiphon.analytics.text;

import org.jspecify.annotations.NullMarked;
