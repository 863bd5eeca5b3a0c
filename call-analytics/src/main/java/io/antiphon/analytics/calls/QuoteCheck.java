package io.antiphon.analytics.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps of what a model wrote about a call the sentences whose quotes were said in it. A quote is
 * what stands between quotation marks; it was said where its words follow each other in one
 * utterance of the transcript, whatever their case and punctuation. A mask such as "[CARD]" equals
 * nothing but itself.
 */
public final class QuoteCheck {
  /** Characters of a text that can be used; a summary is short. */
  public static final int MOST_CHARACTERS = 2000;

  private static final Pattern WORD =
      Pattern.compile("\\[[A-Z]+]|[\\p{L}\\p{M}\\p{N}]+(?:['\u2019][\\p{L}\\p{M}\\p{N}]+)*");
  private static final Pattern LIST_ITEM = Pattern.compile("(?m)^\\s*(?:[-*\u2022]|\\d+[.)])\\s+");

  /** An apostrophe has a letter or a digit before it. */
  private static final Pattern SINGLE_QUOTED =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}])['\u2018](?=[\\p{L}\\p{N}\\[])(.+?)['\u2019](?![\\p{L}\\p{N}])");

  /** A full stop behind them ends no sentence. */
  private static final Set<String> ABBREVIATIONS = Set.of("mr", "mrs", "ms", "dr");

  private static final String SENTENCE_ENDS = ".!?\u2026";

  /** Opening marks, and at the same place what closes them. */
  private static final String OPENING = "\"\u201c\u201e\u00ab";

  private static final List<String> CLOSING = List.of("\"", "\u201d", "\u201c\u201d", "\u00bb");

  /**
   * @param quotes what stands between double quotation marks
   * @param plain the rest
   * @param closed whether no passage is left open
   */
  private record Sentence(String text, List<String> quotes, String plain, boolean closed) {}

  private final List<String> said;

  /**
   * @param transcript as the model was given it
   */
  public QuoteCheck(List<TranscriptSegment> transcript) {
    this.said = transcript.stream().map(each -> words(each.text())).toList();
  }

  /**
   * The sentences that can be used, in one line. One without a quote stays beside others only:
   * there is nothing that speaks for a text that quotes nothing.
   *
   * @param written by a model
   * @return empty when the text is too long, or no sentence has a quote that was said
   */
  public Optional<String> checked(String written) {
    if (written.length() > MOST_CHARACTERS) {
      return Optional.empty();
    }
    List<String> kept = new ArrayList<>();
    boolean quotes = false;
    for (Sentence sentence : sentences(LIST_ITEM.matcher(written).replaceAll(""))) {
      List<String> quoted = new ArrayList<>(sentence.quotes());
      Matcher single = SINGLE_QUOTED.matcher(sentence.plain());
      while (single.find()) {
        quoted.add(single.group(1));
      }
      if (sentence.closed() && quoted.stream().allMatch(this::wasSaid)) {
        kept.add(sentence.text());
        quotes |= !quoted.isEmpty();
      }
    }
    return quotes ? Optional.of(String.join(" ", kept)) : Optional.empty();
  }

  private boolean wasSaid(String quote) {
    String words = words(quote);
    return !words.isBlank() && said.stream().anyMatch(each -> each.contains(words));
  }

  /** The words of a text with a space before and behind each. */
  private static String words(String text) {
    StringBuilder words = new StringBuilder(" ");
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      boolean mask = word.group().startsWith("[");
      words
          .append(
              mask ? word.group() : word.group().replace('\u2019', '\'').toLowerCase(Locale.ROOT))
          .append(' ');
    }
    return words.toString();
  }

  /** Within quotation marks no sentence ends, nor at the end of a line. */
  private static List<Sentence> sentences(String text) {
    List<Sentence> sentences = new ArrayList<>();
    List<String> quotes = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    int begin = 0;
    int quoteBegin = -1;
    String closing = "";
    for (int at = 0; at < text.length(); at++) {
      char each = text.charAt(at);
      boolean closes = quoteBegin >= 0 && closing.indexOf(each) >= 0;
      int opening = quoteBegin < 0 ? OPENING.indexOf(each) : -1;
      if (opening >= 0) {
        quoteBegin = at + 1;
        closing = CLOSING.get(opening);
      } else if (closes) {
        quotes.add(text.substring(quoteBegin, at));
        quoteBegin = -1;
      } else if (quoteBegin < 0) {
        plain.append(each);
      }
      boolean last = at + 1 == text.length();
      if (last || (quoteBegin < 0 && endsSentence(text, begin, at, closes))) {
        String sentence = text.substring(begin, at + 1).strip().replaceAll("\\s+", " ");
        if (!sentence.isEmpty()) {
          sentences.add(
              new Sentence(sentence, List.copyOf(quotes), plain.toString(), quoteBegin < 0));
        }
        begin = at + 1;
        quotes.clear();
        plain.setLength(0);
      }
    }
    return sentences;
  }

  /**
   * @param closes whether a quotation ends at this character: its last sentence may end the one
   *     that it stands in
   */
  private static boolean endsSentence(String text, int begin, int at, boolean closes) {
    if (text.charAt(at) == '\n') {
      return true;
    }
    char mark = text.charAt(closes && at > begin ? at - 1 : at);
    if (SENTENCE_ENDS.indexOf(mark) < 0 || !Character.isWhitespace(text.charAt(at + 1))) {
      return false;
    }
    String behind = text.substring(at + 1).stripLeading();
    if (closes) {
      return behind.isEmpty() || !Character.isLowerCase(behind.charAt(0));
    }
    Matcher word = WORD.matcher(text).region(begin, at);
    String before = "";
    while (word.find()) {
      before = word.group().toLowerCase(Locale.ROOT);
    }
    return mark != '.' || !ABBREVIATIONS.contains(before);
  }
}
