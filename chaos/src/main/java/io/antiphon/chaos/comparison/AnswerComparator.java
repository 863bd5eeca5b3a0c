package io.antiphon.chaos.comparison;

import io.antiphon.chaos.callers.ReceivedAnswer;
import io.antiphon.chaos.callers.ReceivedConversation;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares live answers with those of the undisturbed run, each once, as soon as it is whole. For
 * one thread.
 */
public final class AnswerComparator {
  private final List<ReceivedConversation> baseline;
  private final CommittedTurns completed;
  private final Map<ReceivedAnswer, AnswerDiff> known = new IdentityHashMap<>();

  /**
   * @param baseline the scripts undisturbed, in their order
   * @param completed of the live and the undisturbed conversations
   */
  public AnswerComparator(List<ReceivedConversation> baseline, CommittedTurns completed) {
    this.baseline = baseline;
    this.completed = completed;
  }

  /**
   * @param over whether what is not there will not come; otherwise only what is whole is judged
   */
  public Comparison judge(List<ReceivedConversation> conversations, boolean over) {
    List<Comparison.Compared> answers = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    baseline.forEach(each -> note(each, problems));
    for (ReceivedConversation live : conversations) {
      note(live, problems);
      List<ReceivedAnswer> heard = live.answers();
      for (int turn = 0; turn < heard.size(); turn++) {
        ReceivedAnswer answer = heard.get(turn);
        if (!over && !answer.whole()) {
          continue;
        }
        AnswerDiff verdict = verdict(live, turn, answer, over);
        answers.add(new Comparison.Compared(answer, verdict));
        problems.addAll(verdict.differences());
      }
      int turns = completed.count(live.id());
      if (turns > heard.size()) {
        problems.add(live.id() + " asked " + heard.size() + " times and completed " + turns);
      }
    }
    return new Comparison(conversations, answers, List.copyOf(problems));
  }

  private AnswerDiff verdict(
      ReceivedConversation live, int turn, ReceivedAnswer answer, boolean over) {
    String where = live.id() + " answer " + turn;
    ReceivedConversation undisturbed = baseline.get(live.script().number());
    List<ReceivedAnswer> expected = undisturbed.answers();
    if (turn >= expected.size()) {
      return new AnswerDiff(0, 0, List.of(where + " has none in the undisturbed run"));
    }
    AnswerDiff heard =
        known.computeIfAbsent(answer, each -> AnswerDiff.of(where, each, expected.get(turn)));
    if (!answer.whole()) {
      return heard;
    }
    // Committed later than it was heard, and perhaps twice: asked again each time.
    return heard.and(
        CommittedTurns.differences(
            where,
            completed.of(live.id(), turn),
            completed.of(undisturbed.id(), turn),
            answer,
            over));
  }

  private static void note(ReceivedConversation conversation, List<String> problems) {
    conversation.problems().forEach(what -> problems.add(conversation.id() + ": " + what));
  }
}
