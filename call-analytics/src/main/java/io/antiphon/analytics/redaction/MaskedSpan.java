package io.antiphon.analytics.redaction;

/**
 * Words that are masked together.
 *
 * @param kind what they were taken for
 * @param firstWord the first of them, counted in the original words
 * @param endWord the word after the last of them
 */
public record MaskedSpan(PersonalData kind, int firstWord, int endWord) {}
