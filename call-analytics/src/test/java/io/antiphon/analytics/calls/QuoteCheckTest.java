package io.antiphon.analytics.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a model wrote about a call, held against what was said in it. */
class QuoteCheckTest {
  private static final List<TranscriptSegment> CALL =
      List.of(
          segment(0, "CUSTOMER", 0, "Hello, I've lost my card, twenty-one days ago."),
          segment(1, "AGENT", 1, "Mr. [NAME], I block it now."),
          segment(0, "CUSTOMER", 2, "my card is [CARD] and thank you"));

  static TranscriptSegment segment(int channel, String role, int number, String text) {
    return new TranscriptSegment(
        channel,
        role,
        number,
        new Interval(1000L * number, 1000L * number + 900),
        text,
        List.of(),
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static String checked(String written) {
    return new QuoteCheck(CALL).checked(written).orElse("");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "The customer says \"I've lost my card\".",
        "The customer says \u201cI\u2019ve LOST my card,\u201d and waits.",
        "He says \u201eI've lost my card\u201c!",
        "He says \u00abtwenty one days ago\u00bb.",
        "He says 'lost my card' to the agent's question.",
        "It is \"my card is [CARD]\".",
        "\"I block it now.\"",
        "\"Mr. [NAME], I block it now,\" said Mr. [NAME] of the bank."
      })
  void aSentenceWhoseQuotesWereSaidStays(String sentence) {
    assertThat(checked(sentence)).isEqualTo(sentence);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "The customer says \"I lost my card\".",
        "He says \"lost my\" and \"cancel my contract\".",
        "He says 'cancel my contract'.",
        // A word of a quote is a whole word, and no mask.
        "He says \"lost my car\".",
        "He says \"my card is card\".",
        // Nobody said it in one go.
        "He says \"days ago Mr. [NAME]\".",
        // No quote, an empty one, and one without an end.
        "The customer lost a card.",
        "The customer says \"\".",
        "The customer says \"...\".",
        "The customer says \"I've lost my card.",
        ""
      })
  void aTextWithoutAQuoteThatWasSaidCannotBeUsed(String text) {
    assertThat(new QuoteCheck(CALL).checked(text)).isEmpty();
  }

  @Test
  void onlyTheSentenceWithTheWrongQuoteGoes() {
    assertThat(
            checked(
                "The customer \"lost my card\". The agent said \"I will never block it. Go away.\""
                    + " It was blocked. \"Thank you,\" said the customer. He said \"bye\"."))
        .isEqualTo(
            "The customer \"lost my card\". It was blocked. \"Thank you,\" said the customer.");
  }

  @Test
  void aListBecomesSentences() {
    assertThat(
            checked(
                "1. The customer \"lost my card\"\n2. The agent: \"go away\"\n\n- It ends with\n"
                    + "* \"thank\n you\"\n"))
        .isEqualTo("The customer \"lost my card\" It ends with \"thank you\"");
  }

  @Test
  void aLongTextCannotBeUsed() {
    String sentence = "He \"lost my card\". ";
    int most = QuoteCheck.MOST_CHARACTERS / sentence.length();
    assertThat(checked(sentence.repeat(most))).hasSize(most * sentence.length() - 1);
    assertThat(new QuoteCheck(CALL).checked(sentence.repeat(most + 1))).isEmpty();
  }
}
