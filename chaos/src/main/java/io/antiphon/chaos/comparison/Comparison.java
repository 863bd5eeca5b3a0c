package io.antiphon.chaos.comparison;

import io.antiphon.chaos.callers.ReceivedAnswer;
import io.antiphon.chaos.callers.ReceivedConversation;
import java.util.List;

/**
 * What became of the live answers.
 *
 * @param conversations all live ones, those that are over too
 * @param answers those that were judged
 * @param problems what is not as it must be, in words
 */
public record Comparison(
    List<ReceivedConversation> conversations, List<Compared> answers, List<String> problems) {
  /** A live answer and what became of it. */
  public record Compared(ReceivedAnswer heard, AnswerDiff verdict) {}

  /** Whether every caller heard what it would have heard undisturbed, once. */
  public boolean same() {
    return problems.isEmpty() && answers.stream().allMatch(each -> each.verdict().same());
  }

  /** How many answers are not as undisturbed. */
  public long other() {
    return answers.stream().filter(each -> !each.verdict().same()).count();
  }

  /** All live answers, judged or not. */
  public List<ReceivedAnswer> heard() {
    return conversations.stream().flatMap(each -> each.answers().stream()).toList();
  }
}
