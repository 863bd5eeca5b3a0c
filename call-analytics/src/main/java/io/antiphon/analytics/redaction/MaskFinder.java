package io.antiphon.analytics.redaction;

import io.antiphon.analytics.text.DigitRun;
import io.antiphon.analytics.text.Spelling;
import io.antiphon.analytics.text.SpokenDate;
import io.antiphon.analytics.text.SpokenEmail;
import io.antiphon.analytics.text.SpokenNumber;
import io.antiphon.analytics.text.Token;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds what is to be masked in one utterance. */
final class MaskFinder {
  private static final int ENOUGH_DIGITS = 3;
  private static final int SHORT_ANSWER = 6;
  private static final int SHORT_DATE = 9;

  /** "ten thirty p m" is no spelling. */
  private static final Pattern TIME = Pattern.compile("\\d{1,4}[AP]M");

  private static final Pattern IBAN_BEGIN = Pattern.compile("[a-z]{2}\\d{2}");
  private static final Pattern IBAN_GROUP = Pattern.compile("[A-Z\\d]{1,4}[.,]?");
  private static final Pattern CODE = Pattern.compile("(?=.*\\d)(?=.*[a-z])[a-z\\d]{3,}");
  private static final Pattern HARMLESS_CODE =
      Pattern.compile("\\d{1,2}(st|nd|rd|th|am|pm|k|m|kg|km|cm|mm|gb|mb|x|s|p)");

  /** Letters alone, too many to be spelled. */
  private static final Pattern WORD = Pattern.compile("[\\p{L}']{2,}");

  /** Between a letter and the word that begins with it: "a for apple". */
  private static final Set<String> EXAMPLE_FOLLOWS = Set.of("for", "as", "like");

  private final NameLists lists;
  private final Expectation expectation;
  private final int channel;
  private final List<String> words;
  private final List<Token> tokens;
  private final boolean partial;
  private final List<SpokenNumber> numbers;
  private final @Nullable PersonalData[] masks;
  private boolean maskedNumber;

  MaskFinder(
      NameLists lists,
      Expectation expectation,
      int channel,
      List<String> words,
      List<Token> tokens,
      boolean partial) {
    this.lists = lists;
    this.expectation = expectation;
    this.channel = channel;
    this.words = words;
    this.tokens = tokens;
    this.partial = partial;
    this.numbers = SpokenNumber.in(tokens);
    this.masks = new PersonalData[words.size()];
  }

  /** A kind for each word, null where it stays. */
  @Nullable PersonalData[] find() {
    emails();
    codes();
    spellings();
    for (SpokenDate date : SpokenDate.in(tokens, numbers)) {
      mask(date.from(), date.to(), PersonalData.DATE);
      maskedNumber = true;
    }
    birth();
    digits();
    symbolsAtTheEdges();
    new StreetFinder(lists, tokens, numbers, expectation.address(channel), partial)
        .find((from, to) -> mask(from, to, PersonalData.ADDRESS));
    new NameFinder(lists, tokens, expectation.name(channel), partial)
        .find((from, to) -> mask(from, to, PersonalData.NAME));
    return masks;
  }

  /** Whether a number or something spelled was masked. */
  boolean maskedNumber() {
    return maskedNumber;
  }

  /** Whether the last words belong to a number or something spelled, so that more may follow. */
  boolean endsInSymbols() {
    return symbolsBegin() < tokens.size();
  }

  /**
   * Whether a word is no personal data, whatever follows it: a word of daily use that is neither
   * name nor street nor number, or any other one that such words part from what follows, where
   * nothing before it announces an address of such words.
   */
  boolean harmless(int word) {
    if (expectation.anyWords(channel)) {
      return false;
    }
    for (int i = 0; i < tokens.size() && tokens.get(i).word() <= word; i++) {
      String text = tokens.get(i).text();
      boolean here = tokens.get(i).word() == word;
      if (Vocabulary.announcesAnyWords(text) || here && !plain(i) && !noLetter(i) && !parted(i)) {
        return false;
      }
    }
    return true;
  }

  /** "a" and "i" before a word by which nothing that is spelled goes on, and no address. */
  private boolean noLetter(int token) {
    String text = tokens.get(token).text();
    if (!text.equals("a") && !text.equals("i") || token + 1 == tokens.size()) {
      return false;
    }
    Token next = tokens.get(token + 1);
    if (!WORD.matcher(next.text()).matches()
        || Spelling.names(next.text())
        || DigitRun.joining(next)
        || number(token + 1)
        || EXAMPLE_FOLLOWS.contains(next.text())) {
      return false;
    }
    return Vocabulary.COMMON.contains(next.text())
        || !lists.holds(next.text()) && SpokenEmail.passed(tokens, token);
  }

  /**
   * A word that is on no list, with a word of daily use right behind it, so that it belongs to no
   * street or name that goes on, and with one behind it that begins any address that may follow.
   */
  private boolean parted(int token) {
    String text = tokens.get(token).text();
    return WORD.matcher(text).matches()
        && text.length() > 2 // a country, at the begin of an account
        && !lists.holds(text)
        && !Spelling.names(text)
        && !SpokenDate.month(text)
        && !number(token)
        && token + 1 < tokens.size()
        && plain(token + 1)
        && !Vocabulary.STREET_SUFFIXES.contains(tokens.get(token + 1).text())
        && !Vocabulary.POSSIBLE_STREET_SUFFIXES.contains(tokens.get(token + 1).text())
        && SpokenEmail.passed(tokens, token);
  }

  private boolean number(int token) {
    return numbers.stream().anyMatch(each -> each.from() <= token && token < each.to());
  }

  private boolean plain(int token) {
    String text = tokens.get(token).text();
    return Vocabulary.COMMON.contains(text)
        && text.length() > 1
        && !text.equals("at")
        && !text.equals("oh") // a zero, or an exclamation
        && !lists.holds(text)
        && !number(token);
  }

  private void emails() {
    List<SpokenEmail> emails = SpokenEmail.in(tokens);
    for (SpokenEmail email : emails) {
      mask(email.from(), email.to(), PersonalData.EMAIL);
    }
    // An address in pieces: its joints betray it where one was asked for or announced.
    int announced = announced(List.of("email", "mail"));
    boolean joint = false;
    for (int i = 1; i < tokens.size() - (partial ? 0 : 1); i++) {
      joint |= Vocabulary.EMAIL_JOINTS.contains(tokens.get(i).text());
    }
    boolean answer = expectation.email() && (joint || unknown() && tokens.size() <= SHORT_ANSWER);
    if (emails.isEmpty() && (announced >= 0 || answer)) {
      int from = Math.max(0, announced);
      for (int i = from; i < tokens.size(); i++) {
        String text = tokens.get(i).text();
        if (!Vocabulary.COMMON.contains(text) || text.length() == 1 || joint && i > from) {
          mask(i, i + 1, PersonalData.EMAIL);
        }
      }
    }
    if (partial && joint) {
      mask(0, tokens.size(), PersonalData.EMAIL);
    }
  }

  private boolean unknown() {
    return tokens.stream().anyMatch(token -> !Vocabulary.COMMON.contains(token.text()));
  }

  /** The token after "email … is" or "write to", where an address follows; else -1. */
  private int announced(List<String> keywords) {
    for (int i = 0; i < tokens.size(); i++) {
      boolean writeTo =
          tokens.get(i).text().equals("write")
              && i + 1 < tokens.size()
              && tokens.get(i + 1).text().equals("to");
      if (keywords.contains(tokens.get(i).text()) || writeTo) {
        for (int j = i + 1; j < Math.min(tokens.size(), i + 4); j++) {
          String text = tokens.get(j).text();
          if (text.equals("is") || text.equals("it's") || text.equals("to")) {
            return j + 1;
          }
        }
        if (partial) {
          return i + 1;
        }
      }
    }
    return -1;
  }

  /** Codes written as one word ("SW1A", "AB123456C"), and bank accounts in groups. */
  private void codes() {
    for (int word = 0; word < words.size(); word++) {
      String code = words.get(word).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\d]", "");
      StringBuilder symbols = new StringBuilder();
      for (int end = word; end < Math.min(words.size(), word + 9); end++) {
        symbols.append(words.get(end).toUpperCase(Locale.ROOT).replaceAll("[^A-Z\\d]", ""));
        if (CheckDigits.iban(symbols.toString())) {
          for (int each = word; each <= end; each++) {
            maskWord(each, PersonalData.IBAN);
          }
          maskedNumber = true;
        }
      }
      if (IBAN_BEGIN.matcher(code).matches()) {
        // Cut off or with an error in it: its check digits say nothing.
        for (int next = word + 1;
            next < words.size() && IBAN_GROUP.matcher(words.get(next)).matches();
            next++) {
          maskWord(next, PersonalData.IBAN);
        }
      }
      if (CODE.matcher(code).matches() && !HARMLESS_CODE.matcher(code).matches()) {
        maskWord(word, PersonalData.SPELLED);
        maskedNumber = true;
      }
    }
  }

  private void spellings() {
    for (Spelling spelling :
        Spelling.in(tokens, numbers, expectation.number() || keyword(tokens.size()))) {
      PersonalData kind =
          CheckDigits.iban(spelling.symbols())
              ? PersonalData.IBAN
              : CheckDigits.holdsCard(spelling.symbols().replaceAll("\\D", ""))
                  ? PersonalData.CARD
                  : PersonalData.SPELLED;
      if (!TIME.matcher(spelling.symbols()).matches()) {
        mask(spelling.from(), spelling.to(), kind);
        maskedNumber = true;
      }
    }
  }

  /** A date of birth that is cut off or given in pieces: its day alone. */
  private void birth() {
    boolean said = expectation.birth() && tokens.size() <= SHORT_DATE;
    for (Token token : tokens) {
      said |= token.text().equals("birth") || token.text().equals("born");
    }
    for (SpokenNumber number : numbers) {
      if (said && number.ordinal()) {
        mask(number.from(), number.to(), PersonalData.DATE);
      }
    }
  }

  private void digits() {
    for (DigitRun run : DigitRun.in(tokens, numbers)) {
      if (run.digits().length() < ENOUGH_DIGITS || time(run)) {
        continue;
      }
      mask(run.from(), run.to(), kind(run));
      maskedNumber = true;
    }
  }

  private PersonalData kind(DigitRun run) {
    int length = run.digits().length();
    if (CheckDigits.holdsCard(run.digits())) {
      return PersonalData.CARD;
    }
    boolean prefix =
        run.digits().startsWith("0")
            || run.from() > 0 && List.of("plus", "+").contains(tokens.get(run.from() - 1).text());
    boolean announced = false;
    for (int i = Math.max(0, run.from() - 8); i < run.from(); i++) {
      announced |= Vocabulary.PHONE_FOLLOWS.contains(tokens.get(i).text());
    }
    return length >= 7 && length <= 15 && (prefix || announced)
        ? PersonalData.PHONE
        : PersonalData.NUMBER;
  }

  /** "ten thirty p m" and "nine o'clock" are no secrets. */
  private boolean time(DigitRun run) {
    if (run.numbers().size() > 2 || expectation.number() || run.to() >= tokens.size()) {
      return false;
    }
    int hour = run.numbers().get(0).value();
    boolean minutes =
        run.numbers().size() == 1
            || run.numbers().get(1).digits().length() == 2 && run.numbers().get(1).value() < 60;
    String next = tokens.get(run.to()).text();
    String second = run.to() + 1 < tokens.size() ? tokens.get(run.to() + 1).text() : "";
    boolean marked =
        List.of("am", "pm", "o'clock").contains(next)
            || List.of("a", "p").contains(next) && second.equals("m");
    return hour >= 0 && hour < 24 && minutes && marked;
  }

  /**
   * A number or something spelled that goes on from the last utterance, or that is cut by the end
   * of this one.
   */
  private void symbolsAtTheEdges() {
    int begin = 0;
    while (begin < tokens.size() && DigitRun.joining(tokens.get(begin)) && !letter(begin)) {
      begin++;
    }
    int leading = begin;
    while (leading < tokens.size() && symbol(leading)) {
      leading++;
    }
    int trailing = symbolsBegin();
    boolean all = leading == tokens.size() && leading > begin;
    boolean answer = expectation.number() && tokens.size() - trailing > trailing - begin;
    boolean expected = answer || keyword(trailing);
    if (leading > begin
        && (expectation.goesOn(channel) || all && (expected || expectation.number()))) {
      maskSymbols(begin, leading);
    }
    if (trailing < tokens.size() && (partial || expected || cutDigits(trailing))) {
      maskSymbols(trailing, tokens.size());
    }
  }

  /** Two or more digits said one by one: so begins a number, not a count of something. */
  private boolean cutDigits(int from) {
    int digits = 0;
    for (SpokenNumber number : numbers) {
      if (number.from() >= from && number.form() == SpokenNumber.Form.DIGITS) {
        digits += number.digits().length();
      }
    }
    return digits >= 2;
  }

  private boolean keyword(int before) {
    for (int i = 0; i < before; i++) {
      String text = tokens.get(i).text();
      if (Vocabulary.NUMBER_FOLLOWS.contains(text) || text.startsWith("spel")) {
        return true;
      }
    }
    return false;
  }

  /** Where the symbols begin that the utterance ends with; the number of tokens if it does not. */
  private int symbolsBegin() {
    int end = tokens.size();
    while (end > 0 && !symbol(end - 1) && DigitRun.joining(tokens.get(end - 1))) {
      end--;
    }
    int begin = end;
    while (begin > 0 && (symbol(begin - 1) || begin > 1 && joins(begin - 1))) {
      begin--;
    }
    return begin == end ? tokens.size() : begin;
  }

  private boolean joins(int token) {
    return DigitRun.joining(tokens.get(token)) && symbol(token - 1);
  }

  private boolean symbol(int token) {
    for (SpokenNumber number : numbers) {
      if (number.from() <= token && token < number.to()) {
        return !number.ordinal();
      }
    }
    String text = tokens.get(token).text();
    boolean zero = text.equals("oh") && (expectation.number() || expectation.goesOn(channel));
    return zero || letter(token) || Vocabulary.REPEATS.contains(tokens.get(token).text());
  }

  private boolean letter(int token) {
    String text = tokens.get(token).text();
    return text.length() == 1 && Character.isLetter(text.charAt(0)) && !"ai".contains(text);
  }

  private void maskSymbols(int from, int to) {
    mask(from, to, PersonalData.NUMBER);
    maskedNumber = true;
  }

  private void mask(int from, int to, PersonalData kind) {
    for (int i = from; i < to; i++) {
      maskWord(tokens.get(i).word(), kind);
    }
  }

  private void maskWord(int word, PersonalData kind) {
    if (masks[word] == null) {
      masks[word] = kind;
    }
  }
}
