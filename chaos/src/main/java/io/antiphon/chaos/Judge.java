package io.antiphon.chaos;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares live answers with those of the undisturbed run, each once, as soon as it is whole. For
 * one thread.
 */
final class Judge {
  private final List<Conversation> calm;
  private final CompletedTurns completed;
  private final Map<Heard, Verdict> known = new IdentityHashMap<>();

  /**
   * @param calm the scripts undisturbed, in their order
   * @param completed of the live and the undisturbed conversations
   */
  Judge(List<Conversation> calm, CompletedTurns completed) {
    this.calm = calm;
    this.completed = completed;
  }

  /**
   * @param over whether what is not there will not come; otherwise only what is whole is judged
   */
  Judgement judge(List<Conversation> conversations, boolean over) {
    List<Judgement.Judged> answers = new ArrayList<>();
    List<String> troubles = new ArrayList<>();
    calm.forEach(each -> note(each, troubles));
    for (Conversation live : conversations) {
      note(live, troubles);
      List<Heard> heard = live.answers();
      for (int turn = 0; turn < heard.size(); turn++) {
        Heard answer = heard.get(turn);
        if (!over && !answer.whole()) {
          continue;
        }
        Verdict verdict = verdict(live, turn, answer, over);
        answers.add(new Judgement.Judged(answer, verdict));
        troubles.addAll(verdict.differences());
      }
      int turns = completed.count(live.id());
      if (turns > heard.size()) {
        troubles.add(live.id() + " asked " + heard.size() + " times and completed " + turns);
      }
    }
    return new Judgement(conversations, answers, List.copyOf(troubles));
  }

  private Verdict verdict(Conversation live, int turn, Heard answer, boolean over) {
    String where = live.id() + " answer " + turn;
    Conversation undisturbed = calm.get(live.script().number());
    List<Heard> expected = undisturbed.answers();
    if (turn >= expected.size()) {
      return new Verdict(0, 0, List.of(where + " has none in the undisturbed run"));
    }
    Verdict heard =
        known.computeIfAbsent(answer, each -> Verdict.of(where, each, expected.get(turn)));
    if (!answer.whole()) {
      return heard;
    }
    // Committed later than it was heard, and perhaps twice: asked again each time.
    return heard.and(
        CompletedTurns.differences(
            where,
            completed.of(live.id(), turn),
            completed.of(undisturbed.id(), turn),
            answer,
            over));
  }

  private static void note(Conversation conversation, List<String> troubles) {
    conversation.troubles().forEach(what -> troubles.add(conversation.id() + ": " + what));
  }
}
