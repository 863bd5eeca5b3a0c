package io.antiphon.analytics.calls;

import static io.antiphon.analytics.calls.QuoteCheckTest.segment;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryPromptTest {
  private static final List<TranscriptSegment> CALL = call(9);

  private static List<TranscriptSegment> call(int utterances) {
    List<TranscriptSegment> call = new ArrayList<>();
    for (int i = 0; i < utterances; i++) {
      call.add(segment(i % 2, i % 2 == 0 ? "CUSTOMER" : "AGENT", i, "words " + i));
      call.add(segment(i % 2, "CUSTOMER", i, " "));
    }
    return call;
  }

  private static SummaryPrompt prompt(int room) {
    return SummaryPrompt.of(CALL, String::length, room).orElseThrow();
  }

  @Test
  void aCallThatFitsIsGivenAsAWhole() {
    SummaryPrompt whole = prompt(10_000);
    assertThat(whole.omittedSegments()).isZero();
    assertThat(whole.text())
        .startsWith("CUSTOMER: words 0\nAGENT: words 1\n")
        .endsWith("AGENT: words 7\nCUSTOMER: words 8\n");
    assertThat(prompt(whole.text().length())).isEqualTo(whole);
  }

  @Test
  void ofALongCallBeginAndEndAreGiven() {
    int whole = prompt(10_000).text().length();
    assertThat(prompt(whole - 1).text())
        .isEqualTo(
            "CUSTOMER: words 0\nAGENT: words 1\nCUSTOMER: words 2\n"
                + "(3 utterances are left out here.)\n"
                + "CUSTOMER: words 6\nAGENT: words 7\nCUSTOMER: words 8\n");
    assertThat(prompt(whole - 1).omittedSegments()).isEqualTo(3);
  }

  @Test
  void noRoomIsExceededHoweverSmall() {
    int whole = prompt(10_000).text().length();
    for (int room = -1; room <= whole; room++) {
      int most = room;
      SummaryPrompt.of(CALL, String::length, room)
          .ifPresent(
              prompt -> {
                assertThat(prompt.text().length()).isLessThanOrEqualTo(most);
                assertThat(prompt.text().lines().filter(each -> each.contains("words")).count())
                    .isEqualTo(9 - prompt.omittedSegments())
                    .isPositive();
              });
    }
    assertThat(SummaryPrompt.of(CALL, String::length, 40)).isEmpty();
  }

  @Test
  void whereNothingWasSaidThereIsNothingToAsk() {
    assertThat(SummaryPrompt.of(List.of(), String::length, 1000)).isEmpty();
    assertThat(SummaryPrompt.of(List.of(segment(0, "CUSTOMER", 0, "")), String::length, 1000))
        .isEmpty();
  }
}
