package io.antiphon.analytics.redaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.script.CallScript;
import io.antiphon.analytics.script.CallScript.Line;
import io.antiphon.analytics.script.CallScriptGenerator;
import io.antiphon.analytics.script.PlantedData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Nothing that was planted is left, and little else is masked. Words such as "dash" between the
 * words of one piece of data belong to it.
 */
@Tag("slow")
class PlantedDataTest {
  @Test
  void nothingPlantedIsLeftAndLittleElseIsMasked() {
    int places = 0;
    int otherWords = 0;
    int otherMasked = 0;
    Map<PersonalData, Integer> kinds = new EnumMap<>(PersonalData.class);
    Map<String, Integer> left = new TreeMap<>();
    Map<String, Integer> lost = new TreeMap<>();
    for (int seed = 0; seed < 150; seed++) {
      CallScript script = CallScriptGenerator.script(seed, 40, 10);
      Redactor redactor = new Redactor(NameLists.DEFAULT);
      for (Line line : script.byEnd()) {
        RedactedText text = redactor.redact(line.channel(), line.interval(), line.words());
        Set<Integer> masked = new HashSet<>();
        for (MaskedSpan span : text.spans()) {
          for (int word = span.firstWord(); word < span.endWord(); word++) {
            masked.add(word);
          }
        }
        for (PersonalData kind : line.data()) {
          kinds.merge(kind, 1, Integer::sum);
        }
        places += line.data().size();
        for (int word = 0; word < line.words().size(); word++) {
          boolean secret = line.secret().get(word);
          boolean between =
              word > line.secret().indexOf(true) && word < line.secret().lastIndexOf(true);
          otherWords += secret || between ? 0 : 1;
          if (secret && !masked.contains(word)) {
            left.merge(
                "seed "
                    + seed
                    + ": \""
                    + line.words().get(word).text()
                    + "\" of "
                    + line.text()
                    + " -> "
                    + text.text(),
                1,
                Integer::sum);
          } else if (!secret && !between && masked.contains(word)) {
            otherMasked++;
            lost.merge(
                "\"" + line.words().get(word).text() + "\" of " + line.text(), 1, Integer::sum);
          }
        }
      }
    }
    System.out.println(
        places
            + " places "
            + kinds
            + ", "
            + otherMasked
            + " of "
            + otherWords
            + " other words masked");
    lost.keySet().stream().limit(Integer.getInteger("show", 0)).forEach(System.out::println);
    assertThat(places).isGreaterThanOrEqualTo(500);
    assertThat(kinds.keySet()).containsAll(PlantedData.KINDS);
    assertThat(left.keySet()).isEmpty();
    assertThat(otherMasked).isLessThanOrEqualTo(otherWords / 100);
  }

  /** Whatever may become personal data is masked in the text of an utterance that goes on. */
  @Test
  void noPartialTextTellsWhatTheFinalOneMasks() {
    Map<String, Integer> left = new TreeMap<>();
    for (int seed = 0; seed < 60; seed++) {
      CallScript script = CallScriptGenerator.script(seed, 20, 10);
      Redactor redactor = new Redactor(NameLists.DEFAULT);
      for (Line line : script.byEnd()) {
        for (int count = 1; count < line.words().size() && !line.data().isEmpty(); count++) {
          List<String> words =
              line.words().subList(0, count).stream().map(word -> word.text()).toList();
          String partial = redactor.redactPartial(line.channel(), words);
          Set<String> shown = new HashSet<>(List.of(partial.split(" ")));
          for (int word = 0; word < count; word++) {
            boolean open = line.secret().subList(0, count).indexOf(true) < 0;
            String text = words.get(word);
            if (!open && line.secret().get(word) && shown.contains(text) && !said(line, text)) {
              left.merge(
                  text + " of " + String.join(" ", words) + " -> " + partial, 1, Integer::sum);
            }
          }
        }
        redactor.redact(line.channel(), line.interval(), line.words());
      }
    }
    assertThat(left.keySet()).isEmpty();
  }

  /**
   * A partial text is a begin of the utterance and tells nothing planted, and it is not kept back
   * long: what follows may mask words of daily use besides, which is no loss.
   */
  @Test
  void partialTextsAreEarlyAndTellNothingPlanted() {
    for (int planted : new int[] {0, 10}) {
      int told = 0;
      int heard = 0;
      int texts = 0;
      for (int seed = 0; seed < 60; seed++) {
        CallScript script = CallScriptGenerator.script(seed, 20, planted);
        Redactor redactor = new Redactor(NameLists.DEFAULT);
        for (Line line : script.byEnd()) {
          List<String> words = line.words().stream().map(word -> word.text()).toList();
          for (int count = 1; count <= words.size(); count++) {
            List<String> soFar = words.subList(0, count);
            String partial = redactor.redactPartial(line.channel(), soFar);
            int length = partial.isEmpty() ? 0 : partial.split(" ").length;
            assertThat(partial).isEqualTo(String.join(" ", words.subList(0, length)));
            assertThat(line.secret().subList(0, length)).as(partial).doesNotContain(true);
            texts++;
            heard += count;
            told += length;
          }
          redactor.redact(line.channel(), line.interval(), line.words());
        }
      }
      double back = (double) (heard - told) / texts;
      System.out.printf(
          "%d places in a call: %d partial texts, %.2f words held back%n", planted, texts, back);
      assertThat(back).isLessThan(planted == 0 ? 3.5 : 4.5);
    }
  }

  /**
   * Of any text, no word that may be told early is masked by what follows it, but for words of
   * daily use, which hold nothing.
   */
  @Test
  void noWordThatIsToldEarlyIsMaskedLater() {
    String[] vocabulary =
        ("parcel delta sierra march second two four nine hundred oak street road lane hill smith anna"
                + " will may a i b o n s for as in is at dot gmail example com the to me and my you have"
                + " would can please internet does not work speaking from here this it's plus dash double"
                + " heating apple egg fox of by right so wait yes like no")
            .split(" ");
    Random random = new Random(7);
    int early = 0;
    for (int text = 0; text < 10_000; text++) {
      List<String> words = new ArrayList<>();
      for (int i = 3 + random.nextInt(12); i > 0; i--) {
        words.add(vocabulary[random.nextInt(vocabulary.length)]);
      }
      Redactor redactor = new Redactor(NameLists.DEFAULT);
      boolean[] masked = new boolean[words.size()];
      List<Word> untimed = words.stream().map(word -> new Word(word, -1, -1)).toList();
      for (MaskedSpan span : redactor.redact(0, new Interval(0, 1), untimed).spans()) {
        Arrays.fill(masked, span.firstWord(), span.endWord(), true);
      }
      Redactor fresh = new Redactor(NameLists.DEFAULT);
      for (int count = 1; count <= words.size(); count++) {
        String partial = fresh.redactPartial(0, words.subList(0, count));
        int told = partial.isEmpty() ? 0 : partial.split(" ").length;
        for (int word = Math.max(0, count - 6); word < told; word++) {
          // "a" and "i" are letters, but not where a word of daily use follows.
          boolean daily =
              Vocabulary.COMMON.contains(words.get(word))
                  && (words.get(word).length() > 1
                      || word + 1 < words.size()
                          && Vocabulary.COMMON.contains(words.get(word + 1)));
          assertThat(masked[word] && !daily)
              .as("%s of %s, told as %s", words.get(word), words, partial)
              .isFalse();
          early++;
        }
      }
    }
    assertThat(early).isGreaterThan(10_000);
  }

  /** Whether the word also is said as no secret. */
  private static boolean said(Line line, String text) {
    for (int word = 0; word < line.words().size(); word++) {
      if (!line.secret().get(word) && line.words().get(word).text().equals(text)) {
        return true;
      }
    }
    return false;
  }
}
