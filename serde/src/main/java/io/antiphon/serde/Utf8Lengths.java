package io.antiphon.serde;

/**
 * Lengths of texts in UTF-8, without encoding them. A half of a surrogate pair alone counts one.
 */
public final class Utf8Lengths {
  private Utf8Lengths() {}

  /** How many bytes a text takes. */
  public static long bytes(CharSequence text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(Character.codePointAt(text, i))) {
      bytes += bytes(Character.codePointAt(text, i));
    }
    return bytes;
  }

  /** The longest beginning of a text, in whole code points, that takes at most so many bytes. */
  public static String cut(String text, long maximumBytes) {
    long bytes = 0;
    int end = 0;
    while (end < text.length()) {
      int codePoint = text.codePointAt(end);
      bytes += bytes(codePoint);
      if (bytes > maximumBytes) {
        return text.substring(0, end);
      }
      end += Character.charCount(codePoint);
    }
    return text;
  }

  private static int bytes(int codePoint) {
    if (codePoint < 0x80
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE)) {
      return 1; // half of a pair alone is written as a question mark
    }
    if (codePoint < 0x800) {
      return 2;
    }
    return codePoint < 0x10000 ? 3 : 4;
  }
}
