package io.antiphon.gateway.conversation;

/**
 * Which records the dataflow behind the gateway serves. What it does not serve is not sent: the
 * gateway does without, as well as it can.
 *
 * @param speechDetection turns are found by a speech detector that tells when speech starts and
 *     stops; else by quiet, and nobody is told
 * @param answerRequests answers are made on request, with settings of their own and out of band;
 *     else a question asks for its answer by itself
 * @param settingsChanges settings change in mid-conversation
 * @param history items are added to and removed from the history
 * @param audioDiscarding the audio of an open turn can be dropped
 * @param keys key presses are taken
 * @param epochs a producer may take a conversation over from one that is gone
 */
public record DataflowFeatures(
    boolean speechDetection,
    boolean answerRequests,
    boolean settingsChanges,
    boolean history,
    boolean audioDiscarding,
    boolean keys,
    boolean epochs) {
  /** Of the first release. */
  public static final DataflowFeatures FIRST =
      new DataflowFeatures(false, false, false, false, false, false, false);

  public static final DataflowFeatures ALL =
      new DataflowFeatures(true, true, true, true, true, true, true);
}
