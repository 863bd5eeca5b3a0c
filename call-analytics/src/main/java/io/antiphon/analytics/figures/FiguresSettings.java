package io.antiphon.analytics.figures;

/**
 * Thresholds of the figures.
 *
 * @param nonTalkMillis a quiet stretch counts as non-talk if it is longer than this
 * @param interruptionMillis an overlap counts as an interruption if it is longer than this
 */
public record FiguresSettings(long nonTalkMillis, long interruptionMillis) {
  public static final FiguresSettings DEFAULT = new FiguresSettings(3000, 500);

  public FiguresSettings {
    if (nonTalkMillis < 0) {
      throw new IllegalArgumentException("nonTalkMillis is " + nonTalkMillis + ", expected >= 0");
    }
    if (interruptionMillis < 0) {
      throw new IllegalArgumentException(
          "interruptionMillis is " + interruptionMillis + ", expected >= 0");
    }
  }
}
