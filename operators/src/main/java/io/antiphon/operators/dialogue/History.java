package io.antiphon.operators.dialogue;

import io.antiphon.runtime.text.PromptSegment;
import io.antiphon.runtime.text.Prompts;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The rounds that stay in a dialogue's context, oldest first, with their pieces of the prompt.
 *
 * <p>When there are too many, half of them go at once. The model reads the beginning of a context
 * before the rest, so whatever leaves from there has all that stays prefilled anew: with one round
 * at a time that would be the whole history in every turn.
 */
final class History {
  /** A round with its pieces of the prompt. */
  record Placed(Exchange round, List<PromptSegment> question, PromptSegment.Text answer) {
    int positions() {
      return PromptSegment.positions(question) + answer.positions();
    }
  }

  private final Prompts prompts;
  private final int mostTurns;
  private final List<Placed> rounds = new ArrayList<>();

  /**
   * @param mostTurns rounds begun by the caller that stay at most
   */
  History(Prompts prompts, int mostTurns) {
    this.prompts = prompts;
    this.mostTurns = mostTurns;
  }

  Placed add(Exchange round) {
    return add(rounds.size(), round);
  }

  Placed add(int index, Exchange round) {
    Placed placed = place(round);
    rounds.add(index, placed);
    return placed;
  }

  private Placed place(Exchange round) {
    String answer = round.answer();
    return answer != null
        ? new Placed(
            round,
            round.question().segments(prompts),
            new PromptSegment.Text(prompts.assistantHistory(answer)))
        : new Placed(round, round.question().message(prompts), new PromptSegment.Text(new int[0]));
  }

  void remove(int index) {
    rounds.remove(index);
  }

  void replace(int index, Exchange round) {
    rounds.set(index, place(round));
  }

  Exchange get(int index) {
    return rounds.get(index).round();
  }

  /** The first round that something holds of, -1 for none. */
  int find(Predicate<Exchange> holds) {
    for (int i = 0; i < rounds.size(); i++) {
      if (holds.test(rounds.get(i).round())) {
        return i;
      }
    }
    return -1;
  }

  Placed removeLast() {
    return rounds.remove(rounds.size() - 1);
  }

  Placed last() {
    return rounds.get(rounds.size() - 1);
  }

  int size() {
    return rounds.size();
  }

  boolean isEmpty() {
    return rounds.isEmpty();
  }

  /** Rounds from one on, oldest first; a view. */
  List<Placed> from(int index) {
    return rounds.subList(index, rounds.size());
  }

  List<Exchange> rounds() {
    return rounds.stream().map(Placed::round).toList();
  }

  /**
   * Drops oldest rounds when they are too many or too long: then as many as leave half of either,
   * the last one only if it has no room.
   *
   * @param room positions, 0 or more
   * @return whether rounds were dropped
   */
  boolean shrink(int room) {
    if (!over(mostTurns, room)) {
      return false;
    }
    while (over(mostTurns, room) || (turns() > 1 && over((mostTurns + 1) / 2, room / 2))) {
      rounds.remove(0);
      while (!rounds.isEmpty() && !rounds.get(0).round().begun()) {
        rounds.remove(0);
      }
    }
    return true;
  }

  private boolean over(int turns, int room) {
    return turns() > turns || positions() > room;
  }

  private int positions() {
    return rounds.stream().mapToInt(Placed::positions).sum();
  }

  private int turns() {
    return (int) rounds.stream().filter(placed -> placed.round().begun()).count();
  }
}
