package io.antiphon.benchmarks.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.Word;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FirstTextsTest {
  @Test
  void aWordCountsFromItsEndToTheFirstTextThatHasIt() {
    FirstTexts texts = new FirstTexts();
    texts.told(partial("my card"), 2000);
    texts.told(partial("my card number is"), 2600);
    texts.told(whole("my card number is [CARD] thanks"), 9000);
    texts.told(whole("yes"), 9500);
    assertThat(texts.late()).containsExactly(1900.0, 1800.0, 2300.0, 2200.0, 8400.0, 9400.0);
    texts.clear();
    assertThat(texts.late()).isEmpty();
  }

  private static CallSegment partial(String text) {
    return segment().setText(text).build();
  }

  /** Each word takes 100 ms. */
  private static CallSegment whole(String text) {
    List<Word> words = new ArrayList<>();
    for (String word : text.split(" ")) {
      words.add(new Word(word, 100L * words.size(), 100L * words.size() + 100, null));
    }
    return segment().setText(text).setWords(words).setLast(true).build();
  }

  private static CallSegment.Builder segment() {
    return CallSegment.newBuilder()
        .setConversationId("call")
        .setSegmentId("0-0")
        .setTime(Instant.EPOCH)
        .setBeginMillis(0)
        .setEndMillis(600);
  }
}
