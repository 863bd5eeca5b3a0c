package io.antiphon.analytics.redaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Word;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedactorTest {
  @Test
  void silencesMaskedWordsWithPadding() {
    RedactedText text =
        new Redactor(NameLists.DEFAULT)
            .redact(1, new Interval(1000, 5000), timed("my card is four one one one okay", 1000));
    assertThat(text.text()).isEqualTo("my card is [NUMBER]");
    assertThat(text.sound()).containsExactly(new Interval(1600 - 250, 2600 + 250));
    assertThat(text.words().get(3)).isEqualTo(new Word("[NUMBER]", 1600, 2600));
  }

  @Test
  void whatCannotBeLocatedSilencesTheUtterance() {
    List<Word> words = List.of(new Word("Anna", -1, -1), new Word("called", -1, -1));
    RedactedText text = new Redactor(NameLists.DEFAULT).redact(1, new Interval(1000, 5000), words);
    assertThat(text.text()).isEqualTo("[NAME] called");
    assertThat(text.sound()).containsExactly(new Interval(750, 5250));
    assertThat(Redactor.withhold(new Interval(100, 200)).text()).isEqualTo("[UTTERANCE]");
    assertThat(Redactor.withhold(new Interval(100, 200)).sound())
        .containsExactly(new Interval(0, 450));
  }

  @Test
  void namesWhatItMasks() {
    assertThat(redact("it is 4111 1111 1111 1111 thanks")).isEqualTo("it is [CARD] thanks");
    assertThat(redact("a number that runs on 99411111111111111142"))
        .isEqualTo("a number that runs on [CARD]");
    assertThat(redact("GB29 NWBK 6016 1331 9268 19 is it")).isEqualTo("[IBAN] is it");
    assertThat(redact("ring me on oh seven seven one two three four five six please"))
        .isEqualTo("ring me on [PHONE] please");
    assertThat(redact("two hundred and fifty people")).isEqualTo("[NUMBER] people");
    assertThat(redact("at ten thirty p m tomorrow")).isEqualTo("at ten thirty p m tomorrow");
    assertThat(redact("Mr Mark Long will call")).isEqualTo("Mr [NAME] will call");
    assertThat(redact("mark my words, we will grant it"))
        .isEqualTo("mark my words, we will grant it");
    assertThat(redact("which road is it")).isEqualTo("which road is it");
    assertThat(redact("SW1A 1AA")).isEqualTo("[SPELLED]");
  }

  @Test
  void moreNamesAndStreetsCanBeGiven() {
    Redactor redactor =
        new Redactor(NameLists.DEFAULT.with(List.of("Zorblax"), List.of("Under The Arches")));
    assertThat(
            redactor
                .redact(0, new Interval(0, 100), timed("tell zorblax under the arches", 0))
                .text())
        .isEqualTo("tell [NAME] [ADDRESS]");
  }

  @Test
  void whoSaysAStreetAsksNobodyForOne() {
    Redactor redactor = new Redactor(NameLists.DEFAULT);
    assertThat(said(redactor, 1, "the electricity is out in oak street"))
        .isEqualTo("the electricity is out in [ADDRESS]");
    String answer = "what a pity the usual colour is orange";
    assertThat(said(redactor, 0, answer)).isEqualTo(answer);
    said(redactor, 0, "in which street is it");
    assertThat(said(redactor, 1, "purple turtle")).isEqualTo("[ADDRESS]");
  }

  private static String said(Redactor redactor, int channel, String text) {
    return redactor.redact(channel, new Interval(0, 10_000), timed(text, 0)).text();
  }

  private static String redact(String text) {
    return new Redactor(NameLists.DEFAULT)
        .redact(0, new Interval(0, 10_000), timed(text, 0))
        .text();
  }

  private static List<Word> timed(String text, long from) {
    List<Word> words = new ArrayList<>();
    for (String word : text.split(" ")) {
      words.add(new Word(word, from + 200L * words.size(), from + 200L * words.size() + 200));
    }
    return words;
  }
}
