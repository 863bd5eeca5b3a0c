package io.antiphon.gateway.conversation;

import java.util.List;
import java.util.Optional;

/**
 * An explicit request for an answer; what is empty is as in the settings.
 *
 * @param tag comes back with the answer
 * @param tools JSON signatures, one a string
 * @param toolChoice "auto", "none", "required" or a function's name
 * @param speaks whether the answer has speech
 * @param maximumNewPositions upper bound of the answer's length, 5 a second
 * @param outOfBand the answer neither sees nor becomes history, except {@code input}
 * @param input what an out-of-band answer sees instead of the history
 */
public record AnswerRequest(
    String tag,
    Optional<String> instructions,
    Optional<List<String>> tools,
    Optional<String> toolChoice,
    Optional<Boolean> speaks,
    Optional<Integer> maximumNewPositions,
    boolean outOfBand,
    List<HistoryItem> input) {
  public AnswerRequest {
    tools = tools.map(List::copyOf);
    input = List.copyOf(input);
  }

  /** An answer as the settings have it. */
  public static AnswerRequest of(String tag) {
    return new AnswerRequest(
        tag,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        List.of());
  }
}
