package io.antiphon.analytics.script;

import io.antiphon.analytics.redaction.PersonalData;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Personal data as it is said on the telephone.
 *
 * @param kind what it is
 * @param question with which the agent asks for it; empty if the caller gives it unasked
 * @param utterances what the caller says, one list an utterance; the agent says "okay" in between
 */
public record PlantedData(PersonalData kind, String question, List<List<PlantedWord>> utterances) {
  /** The kinds that can be planted. */
  public static final List<PersonalData> KINDS =
      List.of(
          PersonalData.CARD,
          PersonalData.IBAN,
          PersonalData.PHONE,
          PersonalData.EMAIL,
          PersonalData.DATE,
          PersonalData.NAME,
          PersonalData.ADDRESS,
          PersonalData.SPELLED,
          PersonalData.NUMBER);

  private static final String[] UNITS =
      "zero one two three four five six seven eight nine".split(" ");
  private static final String[] TEENS =
      "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
  private static final String[] TENS =
      "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
  private static final String[] ORDINALS =
      ("- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
              + " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
              + " twentieth")
          .split(" ");
  private static final String[] MONTHS =
      "january february march april may june july august september october november december"
          .split(" ");
  private static final String[] GIVEN =
      ("anna ben carla david emma frank grace henry iris james karen leo maria nathan olivia paul"
              + " rachel simon tina victor")
          .split(" ");
  private static final String[] SURNAMES =
      ("smith johnson kowalski patel murphy nguyen fernandez schmidt o'brien henderson robinson"
              + " gutierrez mckenzie larsen")
          .split(" ");
  private static final String[] UNKNOWN_SURNAMES =
      "przybylski abernathy thistlewood vandersloot okonkwo featherstone".split(" ");
  private static final String[] STREETS =
      ("oak street,mill road,church lane,park avenue,station road,high street,river walk,"
              + "castle hill,garden row,market square,north bridge,south gate,maple street,"
              + "saint george avenue,willow crescent,elm tree lane")
          .split(",");
  private static final String[] HOSTS =
      "example dot com,gmail dot com,mail dot example dot org,btinternet dot co dot uk,proton dot me"
          .split(",");
  private static final String[] NATO =
      ("alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar"
              + " papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu")
          .split(" ");
  private static final String[] EXAMPLES =
      ("apple bear cat dog egg fox garden house ink jam kite lemon mother nut orange peter queen"
              + " roger sugar tommy uncle van water xray yellow zebra")
          .split(" ");

  public PlantedData {
    utterances = utterances.stream().map(List::copyOf).toList();
  }

  /** Some data of a kind, said in some way. */
  public static PlantedData of(PersonalData kind, Random random) {
    Sayer sayer = new Sayer(random);
    String question =
        switch (kind) {
          case CARD -> sayer.card();
          case IBAN -> sayer.iban();
          case PHONE -> sayer.phone();
          case EMAIL -> sayer.email();
          case DATE -> sayer.date();
          case NAME -> sayer.name();
          case ADDRESS -> sayer.address();
          case SPELLED -> sayer.spelled();
          case NUMBER -> sayer.number();
          case UTTERANCE -> throw new IllegalArgumentException("no data of the kind " + kind);
        };
    return new PlantedData(kind, question, sayer.done());
  }

  /** Says data, word by word. */
  private static final class Sayer {
    private final Random random;
    private final List<List<PlantedWord>> utterances = new ArrayList<>();
    private List<PlantedWord> current = new ArrayList<>();

    Sayer(Random random) {
      this.random = random;
    }

    List<List<PlantedWord>> done() {
      next();
      return utterances;
    }

    private void next() {
      if (!current.isEmpty()) {
        utterances.add(current);
        current = new ArrayList<>();
      }
    }

    private void open(String words) {
      say(words, false);
    }

    private void secret(String words) {
      say(words, true);
    }

    private void say(String words, boolean secret) {
      for (String word : words.strip().split("\\s+")) {
        if (!word.isEmpty()) {
          current.add(new PlantedWord(word, secret));
        }
      }
    }

    private String any(String... choices) {
      return choices[random.nextInt(choices.length)];
    }

    private boolean one(int in) {
      return random.nextInt(in) == 0;
    }

    // ---- digits

    private String digits(int count) {
      StringBuilder digits = new StringBuilder();
      for (int i = 0; i < count; i++) {
        digits.append(random.nextInt(10));
      }
      return digits.toString();
    }

    private String unit(char digit) {
      return digit == '0' ? any("zero", "oh", "zero", "nought") : UNITS[digit - '0'];
    }

    private static String pair(int value) {
      if (value < 10) {
        return "oh " + (value == 0 ? "oh" : UNITS[value]);
      }
      if (value < 20) {
        return TEENS[value - 10];
      }
      return TENS[value / 10] + (value % 10 == 0 ? "" : " " + UNITS[value % 10]);
    }

    private String cardinal(int value) {
      StringBuilder words = new StringBuilder();
      if (value >= 1000) {
        words.append(cardinal(value / 1000)).append(" thousand ");
      }
      int rest = value % 1000;
      if (rest >= 100) {
        words.append(UNITS[rest / 100]).append(" hundred ");
      }
      int small = rest % 100;
      if (small > 0) {
        words
            .append(words.length() > 0 ? "and " : "")
            .append(small < 10 ? UNITS[small] : pair(small));
      }
      return words.length() == 0 ? "zero" : words.toString();
    }

    /** Says digits in one of the ways people use. */
    private void digitsIn(String digits) {
      int way = random.nextInt(6);
      switch (way) {
        case 0 -> oneByOne(digits, 0);
        case 1 -> oneByOne(digits, 4);
        case 2 -> repeated(digits);
        case 3 -> inPairs(digits);
        case 4 -> written(digits);
        default -> overUtterances(digits);
      }
    }

    private void oneByOne(String digits, int group) {
      for (int i = 0; i < digits.length(); i++) {
        if (group > 0 && i > 0 && i % group == 0 && i < digits.length()) {
          open(any("", "uh", "um", "then", "and", "dash"));
        }
        secret(unit(digits.charAt(i)));
      }
    }

    private void repeated(String digits) {
      int i = 0;
      while (i < digits.length()) {
        int same = 1;
        while (i + same < digits.length()
            && same < 3
            && digits.charAt(i + same) == digits.charAt(i)) {
          same++;
        }
        if (same > 1) {
          secret(same == 2 ? "double" : any("triple", "treble"));
        }
        secret(unit(digits.charAt(i)));
        i += same;
      }
    }

    private void inPairs(String digits) {
      int i = 0;
      for (; i + 1 < digits.length(); i += 2) {
        secret(pair(Integer.parseInt(digits.substring(i, i + 2))));
      }
      if (i < digits.length()) {
        secret(unit(digits.charAt(i)));
      }
    }

    private void written(String digits) {
      int group = any("3", "4", "20").charAt(0) - '0';
      String between = any(" ", "-", " ");
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < digits.length(); i++) {
        text.append(i > 0 && i % Math.max(3, group) == 0 ? between : "").append(digits.charAt(i));
      }
      secret(text.toString());
    }

    private void overUtterances(String digits) {
      int i = 0;
      while (i < digits.length()) {
        int count = Math.min(digits.length() - i, 2 + random.nextInt(4));
        for (int j = 0; j < count; j++) {
          secret(unit(digits.charAt(i + j)));
        }
        i += count;
        if (i < digits.length()) {
          next();
          open(any("", "", "and", "then", "um"));
        }
      }
    }

    // ---- kinds

    private String card() {
      String body = any("4", "51", "37", "6011") + digits(14);
      body = body.substring(0, 15);
      String number = body + luhn(body);
      boolean asked = !one(3);
      open(asked ? any("yes it's", "sure", "") : any("my card number is", "the card is"));
      if (one(8)) {
        for (int i = 0; i < 16; i += 4) {
          int group = Integer.parseInt(number.substring(i, i + 4));
          if (group < 1000) {
            oneByOne(number.substring(i, i + 4), 0);
          } else {
            secret(cardinal(group));
          }
        }
      } else {
        digitsIn(number);
      }
      if (one(4)) {
        open(any("and the expiry is", "expiry"));
        secret(pair(1 + random.nextInt(12)) + " " + pair(27 + random.nextInt(5)));
      }
      return asked ? "can you read me your card number please" : "";
    }

    private static char luhn(String body) {
      int sum = 0;
      for (int i = 0; i < body.length(); i++) {
        int digit = body.charAt(body.length() - 1 - i) - '0';
        digit = i % 2 == 0 ? digit * 2 > 9 ? digit * 2 - 9 : digit * 2 : digit;
        sum += digit;
      }
      return (char) ('0' + (10 - sum % 10) % 10);
    }

    private String iban() {
      String bank = any("NWBK", "BARC", "LOYD") + digits(14);
      String digits = "";
      for (char symbol : (bank + "GB00").toCharArray()) {
        digits += Character.getNumericValue(symbol);
      }
      int check = 98 - new BigInteger(digits).mod(BigInteger.valueOf(97)).intValue();
      String iban = "GB" + (check < 10 ? "0" : "") + check + bank;
      open(any("my iban is", "it's", "yes"));
      if (one(3)) {
        StringBuilder grouped = new StringBuilder();
        for (int i = 0; i < iban.length(); i++) {
          grouped.append(i > 0 && i % 4 == 0 ? " " : "").append(iban.charAt(i));
        }
        secret(grouped.toString());
      } else {
        boolean nato = one(2);
        for (char symbol : iban.toCharArray()) {
          secret(
              Character.isDigit(symbol)
                  ? unit(symbol)
                  : nato ? NATO[symbol - 'A'] : String.valueOf(symbol).toLowerCase(Locale.ROOT));
        }
      }
      return "what is the iban of the account";
    }

    private String phone() {
      boolean asked = one(2);
      open(
          asked
              ? any("yes it's", "", "sure it's")
              : any("my number is", "you can call me on", "ring me on"));
      if (one(4)) {
        open(any("plus", ""));
        secret(any("four four", "+44"));
        digitsIn("7" + digits(9));
      } else {
        digitsIn("07" + digits(9));
      }
      open(any("", "thank you", "please"));
      return asked ? "what is the best phone number for you" : "";
    }

    private String email() {
      String given = any(GIVEN);
      String surname = any(SURNAMES).replace("'", "");
      boolean asked = one(2);
      open(
          asked
              ? any("yes it's", "it's", "sure it is")
              : any("my email is", "my email address is", "write to"));
      if (one(6)) {
        secret(
            (given + "." + surname + "@" + any(HOSTS).replace(" dot ", "."))
                .toLowerCase(Locale.ROOT));
      } else {
        switch (random.nextInt(6)) {
          case 0 -> secret(given + " dot " + surname);
          case 1 -> secret(given.charAt(0) + " " + surname);
          case 2 -> secret(given + " underscore " + surname + " " + pair(10 + random.nextInt(90)));
          case 3 -> {
            for (char letter : given.toCharArray()) {
              secret(String.valueOf(letter));
            }
            secret("dot " + any(UNKNOWN_SURNAMES));
          }
          case 4 ->
              secret(
                  any("sunny", "blue", "happy", "quick")
                      + " "
                      + any("tiger", "river", "dancer")
                      + " "
                      + UNITS[1 + random.nextInt(9)]
                      + " "
                      + UNITS[1 + random.nextInt(9)]);
          default -> secret(given + " " + any(UNKNOWN_SURNAMES));
        }
        if (one(4)) {
          next();
        }
        open("at");
        secret(any(HOSTS));
      }
      return asked ? "and your email address please" : "";
    }

    private String date() {
      int day = 1 + random.nextInt(28);
      String month = any(MONTHS);
      int year = 1940 + random.nextInt(70);
      boolean asked = one(2);
      open(asked ? any("", "yes it's", "it's") : any("my date of birth is", "i was born on"));
      String ordinal = day <= 20 ? ORDINALS[day] : TENS[day / 10] + " " + ORDINALS[day % 10];
      String yearWords =
          year >= 2000
              ? any("two thousand" + (year > 2000 ? " and " + UNITS[year - 2000] : ""))
              : any("nineteen " + pair(year % 100), pair(year % 100).replace("oh oh", "zero zero"));
      switch (random.nextInt(6)) {
        case 0 -> dateOf("the", ordinal, "of", month, yearWords);
        case 1 -> dateOf("", ordinal, "", month, yearWords);
        case 2 -> dateOf("", month, "the", ordinal, yearWords);
        case 3 -> {
          secret(ordinal);
          open("of the");
          secret(ORDINALS[1 + random.nextInt(12)] + " " + yearWords);
        }
        case 4 -> secret(day + "/" + (1 + random.nextInt(12)) + "/" + year);
        default -> dateOf("the", ordinal, "of", month, one(2) ? "" : String.valueOf(year));
      }
      return asked ? "and your date of birth" : "";
    }

    private void dateOf(String article, String first, String between, String second, String year) {
      open(article);
      secret(first);
      open(between);
      secret(second + " " + year);
    }

    private String name() {
      String given = any(GIVEN);
      String surname = any(SURNAMES);
      switch (random.nextInt(7)) {
        case 0 -> {
          open(any("my name is", "hi my name is", "yes my name's"));
          secret(given + " " + any(surname, any(UNKNOWN_SURNAMES)));
        }
        case 1 -> {
          open("hello this is");
          secret(given + " " + surname);
          open("calling about my bill");
        }
        case 2 -> {
          open(any("it's under the name", "the account is in the name of"));
          secret(given + " " + any(surname, any(UNKNOWN_SURNAMES)));
        }
        case 3 -> {
          open(any("the account holder is", "the surname is"));
          secret(any(UNKNOWN_SURNAMES));
        }
        case 4 -> {
          open(any("please send it to", "i spoke to", "transfer ten pounds to"));
          secret(given);
        }
        case 5 -> {
          open(any("this is for", "i am calling for"));
          open(any("mister", "missus", "doctor", "mr"));
          secret(any(surname, any(UNKNOWN_SURNAMES)));
        }
        default -> {
          open(any("", "yes", "sure"));
          secret(given + " " + any(UNKNOWN_SURNAMES));
          return "what is your full name please";
        }
      }
      return "";
    }

    private String address() {
      boolean asked = one(2);
      open(
          asked
              ? any("it's", "", "yes it's")
              : any("my address is", "i live at", "there is no power in"));
      if (!one(3)) {
        secret(
            any(
                UNITS[1 + random.nextInt(9)],
                pair(10 + random.nextInt(89)),
                "one hundred and two"));
      }
      secret(any(STREETS));
      return asked ? "and the address please" : "";
    }

    private String spelled() {
      String surname = any(UNKNOWN_SURNAMES);
      boolean nato = one(3);
      boolean examples = !nato && one(3);
      open(any("it's spelled", "that's", "i'll spell it", ""));
      int i = 0;
      while (i < surname.length()) {
        char letter = surname.charAt(i);
        boolean twice = i + 1 < surname.length() && surname.charAt(i + 1) == letter && !examples;
        if (twice) {
          secret("double");
        }
        if (nato) {
          secret(NATO[letter - 'a']);
        } else {
          secret(String.valueOf(letter));
          if (examples && one(2)) {
            open("for");
            open(EXAMPLES[letter - 'a']);
          }
        }
        i += twice ? 2 : 1;
      }
      return "how do you spell that name";
    }

    private String number() {
      switch (random.nextInt(5)) {
        case 0 -> {
          open(any("my account number is", "the account is"));
          digitsIn(digits(8));
          return "";
        }
        case 1 -> {
          open(any("sort code", "the sort code is"));
          String code = digits(6);
          for (int i = 0; i < 6; i += 2) {
            if (i > 0) {
              open(any("dash", "", "then"));
            }
            secret(pair(Integer.parseInt(code.substring(i, i + 2))));
          }
          return "";
        }
        case 2 -> {
          open(any("the security code is", "it's", ""));
          digitsIn(digits(3));
          return "what is the security code on the back";
        }
        case 3 -> {
          open("my meter reading is");
          digitsIn(digits(5));
          return "";
        }
        default -> {
          open(any("my pin is", ""));
          digitsIn(digits(4));
          return "please tell me your pin number";
        }
      }
    }
  }
}
