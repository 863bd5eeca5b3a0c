package io.antiphon.gateway;

import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;

/** Secrets that are almost, or not at all, the right one. */
public final class Forgeries {
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  private static final int GUESSES = 50;

  private Forgeries() {}

  /**
   * One letter wrong, missing or too many at each place, every beginning, other cases, twice,
   * backwards, and guesses. None is the secret, also not after blanks around it are taken away.
   */
  public static Set<String> of(String secret) {
    Set<String> all = new LinkedHashSet<>();
    StringBuilder text = new StringBuilder(secret);
    for (int i = 0; i < secret.length(); i++) {
      all.add(secret.substring(0, i));
      all.add(secret.substring(0, i) + other(secret.charAt(i)) + secret.substring(i + 1));
      all.add(secret.substring(0, i) + secret.substring(i + 1));
      all.add(secret.substring(0, i) + "x" + secret.substring(i));
    }
    all.add(secret + "x");
    all.add(secret + secret);
    all.add(secret + "," + secret);
    all.add("\"" + secret + "\"");
    all.add(text.reverse().toString());
    all.add(secret.toUpperCase(java.util.Locale.ROOT));
    all.add(secret.toLowerCase(java.util.Locale.ROOT));
    all.add("null");
    all.add("*");
    all.add("' or '1'='1");
    Random random = new Random(7);
    for (int i = 0; i < GUESSES; i++) {
      StringBuilder guess = new StringBuilder();
      for (int j = 0; j < secret.length(); j++) {
        guess.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
      }
      all.add(guess.toString());
    }
    all.remove(secret);
    return all;
  }

  /** Another letter; in base64 one whose highest bit differs, which always matters. */
  private static char other(char letter) {
    int index = LETTERS.indexOf(letter);
    return index < 0 ? 'x' : LETTERS.charAt((index + LETTERS.length() / 2) % LETTERS.length());
  }
}
