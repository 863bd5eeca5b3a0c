package io.antiphon.chaos;

import java.util.List;

/**
 * What became of the live answers.
 *
 * @param conversations all live ones, those that are over too
 * @param answers those that were judged
 * @param troubles what is not as it must be, in words
 */
record Judgement(List<Conversation> conversations, List<Judged> answers, List<String> troubles) {
  /** A live answer and what became of it. */
  record Judged(Heard heard, Verdict verdict) {}

  /** Whether every caller heard what it would have heard undisturbed, once. */
  boolean same() {
    return troubles.isEmpty() && answers.stream().allMatch(each -> each.verdict().same());
  }

  /** How many answers are not as undisturbed. */
  long other() {
    return answers.stream().filter(each -> !each.verdict().same()).count();
  }

  /** All live answers, judged or not. */
  List<Heard> heard() {
    return conversations.stream().flatMap(each -> each.answers().stream()).toList();
  }
}
