package io.antiphon.analytics.calls;

import io.antiphon.analytics.figures.FiguresSettings;
import io.antiphon.analytics.redaction.NameLists;
import io.antiphon.analytics.speech.SpeechSettings;

/**
 * How calls are analysed.
 *
 * @param speech segments and utterances
 * @param figures thresholds of the figures
 * @param names what redaction masks wherever it is said
 */
public record AnalysisSettings(SpeechSettings speech, FiguresSettings figures, NameLists names) {
  public static final AnalysisSettings DEFAULT =
      new AnalysisSettings(SpeechSettings.DEFAULT, FiguresSettings.DEFAULT, NameLists.DEFAULT);
}
