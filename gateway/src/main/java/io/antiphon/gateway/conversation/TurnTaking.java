package io.antiphon.gateway.conversation;

/**
 * Who decides that the caller's turn is over, and what follows.
 *
 * @param type of detection
 * @param threshold probability of speech above which a frame counts as speech, 0 to 1
 * @param prefixMillis audio before the first speech that belongs to the turn
 * @param silenceMillis quiet after speech that ends the turn; of {@link Type#MODEL} one that the
 *     model is sure of
 * @param unfinishedSilenceMillis of {@link Type#MODEL}: quiet that ends a turn which the model
 *     takes for unfinished; otherwise 0
 * @param interruptsAnswer speech of the caller stops the answer under way
 * @param answersTurns a turn that was found is answered without a request
 * @param idleTimeoutMillis quiet after an answer after which the assistant speaks by itself, 0 for
 *     never
 */
public record TurnTaking(
    Type type,
    double threshold,
    int prefixMillis,
    int silenceMillis,
    int unfinishedSilenceMillis,
    boolean interruptsAnswer,
    boolean answersTurns,
    int idleTimeoutMillis) {

  /** How the end of a turn is found. */
  public enum Type {
    /** Only {@link CallSession#endTurn} ends a turn. */
    MANUAL,
    /** Quiet after speech. */
    SILENCE,
    /** A speech detector's probabilities. */
    SPEECH,
    /** A model's certainty that the caller is done. */
    MODEL
  }

  /** Only the caller ends turns. */
  public static final TurnTaking MANUAL =
      new TurnTaking(Type.MANUAL, 0.5, 300, 500, 0, false, false, 0);

  /** Turns are found in the audio, answered at once, and speech interrupts. */
  public static final TurnTaking AUTOMATIC =
      new TurnTaking(Type.SPEECH, 0.5, 300, 500, 0, true, true, 0);

  public TurnTaking {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException("threshold is " + threshold + "; expected 0 to 1");
    }
    if (prefixMillis < 0
        || silenceMillis < 0
        || unfinishedSilenceMillis < 0
        || idleTimeoutMillis < 0) {
      throw new IllegalArgumentException("a negative number of milliseconds in " + type);
    }
  }

  /** The same with another quiet that ends turns. */
  public TurnTaking withSilenceMillis(int millis) {
    return new TurnTaking(
        type,
        threshold,
        prefixMillis,
        millis,
        unfinishedSilenceMillis,
        interruptsAnswer,
        answersTurns,
        idleTimeoutMillis);
  }
}
