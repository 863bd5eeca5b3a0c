package io.antiphon.client;

/**
 * What a {@link ResponseReader} remembers at most.
 *
 * @param heldResponses responses of one turn that wait for a missing one before it is given up
 * @param turns turns of one conversation whose numbers are known; of an older turn everything that
 *     comes counts as late and is dropped
 * @param conversations conversations that are known; the one that was silent longest is forgotten,
 *     and what is sent of it once more is given out once more
 */
public record ReaderLimits(int heldResponses, int turns, int conversations) {
  private static final int TURNS = 64;
  private static final int CONVERSATIONS = 100_000;

  public ReaderLimits {
    atLeastOne("maximumHeld", heldResponses);
    atLeastOne("turns", turns);
    atLeastOne("conversations", conversations);
  }

  /** 64 turns of 100 000 conversations. */
  public static ReaderLimits holding(int responses) {
    return new ReaderLimits(responses, TURNS, CONVERSATIONS);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; expected at least 1");
    }
  }
}
