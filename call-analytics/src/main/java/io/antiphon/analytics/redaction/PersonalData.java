package io.antiphon.analytics.redaction;

/**
 * Kinds of personal data; the kind only names a mask, it never decides whether something is masked.
 */
public enum PersonalData {
  /** 13 to 19 digits that pass the Luhn check. */
  CARD,
  /** An international bank account number with right check digits. */
  IBAN,
  /** 7 to 15 digits that begin with 0 or +, or that follow a word such as "phone". */
  PHONE,
  EMAIL,
  DATE,
  NAME,
  ADDRESS,
  /** A code of letters and digits, or a word, letter by letter. */
  SPELLED,
  /** Any other run of three or more digits, and a shorter one where a number is being given. */
  NUMBER,
  /** Cannot be located: the whole utterance is masked. */
  UTTERANCE;

  /** What stands in a text in its place. */
  public String mask() {
    return "[" + name() + "]";
  }
}
