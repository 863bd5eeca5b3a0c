package io.antiphon.analytics.script;

/**
 * A word of a script.
 *
 * @param text as a recogniser writes it
 * @param secret whether it tells a part of personal data and must not leave
 */
public record PlantedWord(String text, boolean secret) {}
