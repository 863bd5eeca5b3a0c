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
 * @param momentMillis media time between two {@link CallMoment}s, whole seconds; 0: none
 * @param partialMillis media time after which what was said of an utterance so far is recognised
 *     anew; 0: never
 * @param textsAlone nothing is wanted of the call but what is said in it: what figures, rules and
 *     the summary would need is not kept, so that a call of hours takes no more memory than one of
 *     minutes. The summary then has no speech, no transcript and no sentiment
 */
public record AnalysisSettings(
    SpeechSettings speech,
    FiguresSettings figures,
    NameLists names,
    long momentMillis,
    long partialMillis,
    boolean textsAlone) {
  /** For calls of which only the whole is of interest. */
  public static final AnalysisSettings DEFAULT =
      new AnalysisSettings(
          SpeechSettings.DEFAULT, FiguresSettings.DEFAULT, NameLists.DEFAULT, 0, 0, false);

  public AnalysisSettings {
    if (momentMillis < 0 || momentMillis % CallAnalysis.RULES_EVERY_MILLIS != 0) {
      throw new IllegalArgumentException(
          "momentMillis is " + momentMillis + ", expected whole seconds or 0");
    }
    if (partialMillis < 0) {
      throw new IllegalArgumentException(
          "partialMillis is " + partialMillis + ", expected at least 0");
    }
  }

  /** The same for a call that is watched while it lasts. */
  public AnalysisSettings live(long moments, long partials) {
    return new AnalysisSettings(speech, figures, names, moments, partials, textsAlone);
  }

  /** The same for a call of which nothing but its texts is wanted. */
  public AnalysisSettings withTextsAlone() {
    return new AnalysisSettings(speech, figures, names, 0, partialMillis, true);
  }
}
