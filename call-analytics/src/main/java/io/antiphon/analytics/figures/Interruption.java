package io.antiphon.analytics.figures;

import io.antiphon.analytics.Interval;

/**
 * An interruption: the channel began inside a segment of another one, talked on after that one had
 * stopped, and both talked for longer than {@link FiguresSettings#interruptionMillis()}.
 *
 * @param byChannel who interrupted
 * @param overlap from the interrupter's begin to the other's end
 */
public record Interruption(int byChannel, Interval overlap) {}
