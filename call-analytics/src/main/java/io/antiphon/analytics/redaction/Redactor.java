package io.antiphon.analytics.redaction;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.text.Token;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Masks personal data in the utterances of one call.
 *
 * <p>Every run of three or more digits is masked however it was spoken, and so are e-mail
 * addresses, dates, spelled words, names and streets of a list or after words that announce them.
 * Check digits only name what is masked. A number that is given over several utterances is masked
 * in each of them: the redactor remembers what was asked for and whether the last utterance ended
 * in a number.
 *
 * <p>Utterances come in the order in which they are final. An object belongs to one call and to one
 * thread.
 */
public final class Redactor {
  /** What is silenced before and after masked words, in milliseconds. */
  public static final long PADDING_MILLIS = 250;

  /** Words by which those that follow may still become personal data. */
  private static final int HELD_BACK = 6;

  private final NameLists lists;
  private final Expectation expectation = new Expectation();

  public Redactor(NameLists lists) {
    this.lists = lists;
  }

  /**
   * Masks a final utterance.
   *
   * @param channel 0 or 1
   * @param interval its media time
   * @param words its words; without times, one masked word silences all of its sound
   */
  public RedactedText redact(int channel, Interval interval, List<Word> words) {
    List<String> texts = words.stream().map(Word::text).toList();
    List<Token> tokens = Token.of(texts);
    MaskFinder finder = new MaskFinder(lists, expectation, channel, texts, tokens, false);
    @Nullable PersonalData[] masks = finder.find();
    expectation.said(channel, tokens, masks, finder.maskedNumber(), finder.endsInSymbols());
    return result(interval, words, masks);
  }

  /**
   * Masks a text of an utterance that is still being spoken. Whatever may become personal data by
   * the words to come is masked too: a number of any length at its end, all that follows a word
   * such as "name" or "email". The last words are held back, because what follows may show them to
   * be a part of it; but not those of daily use that are none, nor others that such words part from
   * what follows, as long as nothing lets expect any. Nothing is remembered.
   */
  public String redactPartial(int channel, List<String> texts) {
    if (texts.isEmpty()) {
      return "";
    }
    List<Word> words = texts.stream().map(each -> new Word(each, -1, -1)).toList();
    MaskFinder finder = new MaskFinder(lists, expectation, channel, texts, Token.of(texts), true);
    RedactedText redacted = result(new Interval(0, 0), words, finder.find());
    int told = Math.max(0, words.size() - HELD_BACK);
    while (told < words.size() && finder.harmless(told)) {
      told++;
    }
    for (MaskedSpan span : redacted.spans()) {
      told = Math.min(told, span.firstWord());
    }
    return String.join(" ", texts.subList(0, told));
  }

  /** Masks an utterance as a whole, because its text cannot be judged. */
  public static RedactedText withhold(Interval interval) {
    String mask = PersonalData.UTTERANCE.mask();
    return new RedactedText(
        mask,
        List.of(new Word(mask, interval.beginMillis(), interval.endMillis())),
        List.of(new MaskedSpan(PersonalData.UTTERANCE, 0, 0)),
        List.of(padded(interval.beginMillis(), interval.endMillis())));
  }

  /** What the words said so far let expect. */
  public void save(DataOutput out) throws IOException {
    expectation.save(out);
  }

  /** Goes on where another one was saved; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    expectation.load(in);
  }

  private static RedactedText result(
      Interval interval, List<Word> words, @Nullable PersonalData[] masks) {
    List<Word> left = new ArrayList<>();
    List<MaskedSpan> spans = new ArrayList<>();
    List<Interval> sound = new ArrayList<>();
    int i = 0;
    while (i < words.size()) {
      PersonalData kind = masks[i];
      if (kind == null) {
        left.add(words.get(i++));
        continue;
      }
      int from = i;
      boolean timed = true;
      while (i < words.size() && masks[i] == kind) {
        timed &= words.get(i).timed();
        i++;
      }
      spans.add(new MaskedSpan(kind, from, i));
      long begin = timed ? words.get(from).beginMillis() : -1;
      long end = timed ? words.get(i - 1).endMillis() : -1;
      left.add(new Word(kind.mask(), begin, end));
      join(
          sound, timed ? padded(begin, end) : padded(interval.beginMillis(), interval.endMillis()));
    }
    StringBuilder text = new StringBuilder();
    for (Word word : left) {
      text.append(text.isEmpty() ? "" : " ").append(word.text());
    }
    return new RedactedText(text.toString(), left, spans, sound);
  }

  private static Interval padded(long begin, long end) {
    return new Interval(Math.max(0, begin - PADDING_MILLIS), end + PADDING_MILLIS);
  }

  private static void join(List<Interval> sound, Interval next) {
    Interval last = sound.isEmpty() ? null : sound.get(sound.size() - 1);
    if (last == null || next.beginMillis() > last.endMillis()) {
      sound.add(next);
    } else {
      sound.set(
          sound.size() - 1,
          new Interval(
              Math.min(last.beginMillis(), next.beginMillis()),
              Math.max(last.endMillis(), next.endMillis())));
    }
  }
}
