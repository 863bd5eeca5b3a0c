package io.antiphon.analytics.redaction;

/** Check digits of cards and bank accounts; they name a number, they never clear one. */
final class CheckDigits {
  private static final int SHORTEST_CARD = 13;
  private static final int LONGEST_CARD = 19;

  private CheckDigits() {}

  /** Whether a card number stands anywhere in the digits: a number may run into another. */
  static boolean holdsCard(String digits) {
    for (int from = 0; from + SHORTEST_CARD <= digits.length(); from++) {
      int most = Math.min(LONGEST_CARD, digits.length() - from);
      for (int length = SHORTEST_CARD; length <= most; length++) {
        if (luhn(digits, from, from + length)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean luhn(String digits, int from, int to) {
    int sum = 0;
    for (int i = to - 1, place = 0; i >= from; i--, place++) {
      int digit = digits.charAt(i) - '0';
      if (place % 2 == 1) {
        digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
      }
      sum += digit;
    }
    return sum % 10 == 0;
  }

  /** Whether the symbols are an IBAN: country, two check digits, 15 to 34 in all, 1 modulo 97. */
  static boolean iban(String symbols) {
    if (symbols.length() < 15 || symbols.length() > 34 || !symbols.matches("[A-Z]{2}\\d\\d.*")) {
      return false;
    }
    String turned = symbols.substring(4) + symbols.substring(0, 4);
    int rest = 0;
    for (char symbol : turned.toCharArray()) {
      int value = Character.getNumericValue(symbol);
      rest = value > 9 ? (rest * 100 + value) % 97 : (rest * 10 + value) % 97;
    }
    return rest == 1;
  }
}
