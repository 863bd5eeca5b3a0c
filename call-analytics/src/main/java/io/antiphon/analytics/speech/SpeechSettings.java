package io.antiphon.analytics.speech;

/**
 * Thresholds of segments and utterances.
 *
 * @param threshold a frame with at least this probability holds speech
 * @param mergeMillis speech with a break no longer than this is one segment
 * @param minimumMillis a segment shorter than this is dropped, after merging
 * @param utteranceSilenceMillis a break of this length or more ends an utterance
 * @param utteranceSoftMillis from this length on an utterance ends at the first frame without
 *     speech among its last {@code utteranceSearchMillis}
 * @param utteranceHardMillis at this length it ends at the least speech-like of those frames
 * @param utteranceSearchMillis where that frame is sought, back from the utterance's end
 */
public record SpeechSettings(
    float threshold,
    long mergeMillis,
    long minimumMillis,
    long utteranceSilenceMillis,
    long utteranceSoftMillis,
    long utteranceHardMillis,
    long utteranceSearchMillis) {
  public static final SpeechSettings DEFAULT =
      new SpeechSettings(0.5f, 300, 120, 500, 15_000, 20_000, 5000);

  public SpeechSettings {
    if (!(threshold > 0 && threshold < 1)) {
      throw new IllegalArgumentException(
          "threshold is " + threshold + ", expected more than 0 and less than 1");
    }
    positive("minimumMillis", minimumMillis);
    positive("mergeMillis", mergeMillis);
    positive("utteranceSearchMillis", utteranceSearchMillis);
    if (utteranceSilenceMillis < mergeMillis) {
      throw new IllegalArgumentException(
          "utteranceSilenceMillis is "
              + utteranceSilenceMillis
              + ", expected at least mergeMillis, "
              + mergeMillis);
    }
    if (utteranceSoftMillis <= utteranceSearchMillis || utteranceHardMillis < utteranceSoftMillis) {
      throw new IllegalArgumentException(
          "utteranceSoftMillis is "
              + utteranceSoftMillis
              + ", expected more than utteranceSearchMillis, "
              + utteranceSearchMillis
              + ", and at most utteranceHardMillis, "
              + utteranceHardMillis);
    }
  }

  /**
   * Where an utterance that is still talked in at a media time may be cut at the earliest, by what
   * comes later. It never falls: what lies before it is certain.
   */
  public long earliestCut(long beginMillis, long knownUntil) {
    long cut =
        Math.max(knownUntil, beginMillis + utteranceSoftMillis)
            - utteranceSearchMillis
            - utteranceSilenceMillis;
    return Math.min(knownUntil, Math.max(beginMillis, cut));
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 1 or more");
    }
  }
}
