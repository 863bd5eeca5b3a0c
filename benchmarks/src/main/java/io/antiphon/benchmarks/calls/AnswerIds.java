package io.antiphon.benchmarks.calls;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.FinishReason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The ids of the answers that the callers of one run got, by caller and turn. Answers that were cut
 * off are left out: how far they came is a matter of time.
 */
final class AnswerIds {
  private static final Set<String> WHOLE =
      Set.of(FinishReason.STOP.name(), FinishReason.LENGTH.name(), FinishReason.TOOL_CALL.name());

  private record Place(String conversation, int turn) {}

  private record Ids(List<Integer> text, List<Integer> speech) {}

  /**
   * How many answers two runs have in common.
   *
   * @param compared of the same caller and turn
   * @param equal those of them with the same ids
   */
  record Common(int compared, int equal) {}

  private final String run;
  private final Map<Place, Ids> answers = new HashMap<>();

  /**
   * @param run with which the ids of the run's conversations begin
   */
  AnswerIds(String run) {
    this.run = run;
  }

  /** Takes an answer; one of another run is no matter. */
  void add(CompletedTurn turn) {
    String conversation = turn.getConversationId();
    if (conversation.startsWith(run) && WHOLE.contains(turn.getFinishReason())) {
      answers.put(
          new Place(conversation.substring(run.length()), turn.getTurn()),
          new Ids(List.copyOf(turn.getTextIds()), List.copyOf(turn.getSpeechIds())));
    }
  }

  int size() {
    return answers.size();
  }

  Common with(AnswerIds other) {
    int compared = 0;
    int equal = 0;
    for (Map.Entry<Place, Ids> each : answers.entrySet()) {
      Ids ids = other.answers.get(each.getKey());
      if (ids != null) {
        compared++;
        equal += ids.equals(each.getValue()) ? 1 : 0;
      }
    }
    return new Common(compared, equal);
  }
}
