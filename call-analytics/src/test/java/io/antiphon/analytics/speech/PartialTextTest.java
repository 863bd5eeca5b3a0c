package io.antiphon.analytics.speech;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PartialTextTest {
  private final PartialText text = new PartialText();

  @Test
  void withoutTimesItTellsWhatTwoTextsHaveInCommonAndNeverTakesItBack() {
    assertThat(heard("I want")).isEmpty();
    assertThat(heard("I wanted to block")).contains(List.of("I"));
    assertThat(heard("I wanted to block my car")).contains(List.of("I", "wanted", "to", "block"));
    assertThat(heard("I wanted two blocks my card")).isEmpty();
    assertThat(heard("I wanted two blocks my card please")).isEmpty();
  }

  private Optional<List<String>> heard(String words) {
    return text.heard(
        Arrays.stream(words.split(" ")).map(each -> new Word(each, -1, -1)).toList(), 1000);
  }

  /** Each word takes 300 ms. */
  @Test
  void aWordThatEndedLongEnoughAgoIsToldAtTheFirstText() {
    assertThat(timed(700, "I", "wan")).isEmpty();
    assertThat(timed(1700, "I", "want", "to", "block", "my", "car"))
        .contains(List.of("I", "want", "to", "block"));
    assertThat(timed(1900, "I", "want", "to", "block", "my", "card"))
        .contains(List.of("I", "want", "to", "block", "my"));
    assertThat(timed(2700, "I", "wanted", "a", "block", "of", "my", "cards")).isEmpty();
  }

  private Optional<List<String>> timed(long endMillis, String... words) {
    List<Word> heard = new ArrayList<>();
    for (int i = 0; i < words.length; i++) {
      heard.add(new Word(words[i], 300L * i, Math.min(endMillis, 300L * (i + 1))));
    }
    return text.heard(heard, endMillis);
  }
}
