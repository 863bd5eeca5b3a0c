package io.antiphon.operators.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.Chain;
import io.antiphon.runtime.text.Prompts;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays in a dialogue's context. */
class HistoryTest {
  private static final int PLENTY = 10_000;

  @TempDir static Path directory;
  private static Prompts prompts;

  @BeforeAll
  static void load() throws Exception {
    prompts = Chain.bundle(directory).prompts();
  }

  @Test
  void halfOfTooManyRoundsLeaveAtOnce() {
    History history = filled(8, 8);
    assertThat(history.shrink(PLENTY)).isFalse();
    assertThat(history.size()).isEqualTo(8);
    history.add(written("8"));
    assertThat(history.shrink(PLENTY)).isTrue();
    assertThat(history.rounds()).extracting(Exchange::answer).containsExactly("5", "6", "7", "8");
    assertThat(history.shrink(PLENTY)).isFalse();
  }

  @Test
  void halfOfTooManyPositionsLeaveAtOnce() {
    History history = filled(8, 8);
    int each = history.last().positions();
    assertThat(history.shrink(8 * each)).isFalse();
    assertThat(history.shrink(8 * each - 1)).isTrue();
    assertThat(history.rounds()).extracting(Exchange::answer).containsExactly("5", "6", "7");
  }

  @Test
  void theLastRoundStaysAsLongAsItHasRoom() {
    History history = filled(2, 8);
    int each = history.last().positions();
    assertThat(history.shrink(each)).isTrue();
    assertThat(history.rounds()).extracting(Exchange::answer).containsExactly("1");
    assertThat(history.shrink(each - 1)).isTrue();
    assertThat(history.isEmpty()).isTrue();
    assertThat(history.shrink(0)).isFalse();
  }

  @Test
  void resultsOfToolsLeaveWithTheRoundThatCalled() {
    History history = new History(prompts, 2);
    for (int i = 0; i < 3; i++) {
      history.add(written("<call>" + i));
      history.add(new Exchange(new UserTurn.ToolResults("done"), "result " + i, -1, ""));
    }
    assertThat(history.shrink(PLENTY)).isTrue();
    assertThat(history.rounds())
        .extracting(Exchange::answer)
        .containsExactly("<call>2", "result 2");
  }

  @Test
  void nothingIsRememberedOfNoRounds() {
    History history = filled(1, 0);
    assertThat(history.shrink(PLENTY)).isTrue();
    assertThat(history.isEmpty()).isTrue();
  }

  private static History filled(int rounds, int mostTurns) {
    History history = new History(prompts, mostTurns);
    for (int i = 0; i < rounds; i++) {
      history.add(written(Integer.toString(i)));
    }
    return history;
  }

  private static Exchange written(String answer) {
    return new Exchange(new UserTurn.Written("q"), answer, -1, "");
  }
}
