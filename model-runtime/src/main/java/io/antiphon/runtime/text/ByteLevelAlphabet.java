package io.antiphon.runtime.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The printable alphabet of byte-level BPE: bytes that print stand for themselves, the 68 others
 * for the characters from U+0100 on in order (GPT-2's {@code bytes_to_unicode}).
 */
final class ByteLevelAlphabet {
  private static final int[] BYTE_OF_CHARACTER = new int[0x100 + 68];

  static {
    java.util.Arrays.fill(BYTE_OF_CHARACTER, -1);
    int next = 0x100;
    for (int value = 0; value < 256; value++) {
      boolean prints = (value >= '!' && value <= '~') || (value >= 0xA1 && value != 0xAD);
      BYTE_OF_CHARACTER[prints ? value : next++] = value;
    }
  }

  private ByteLevelAlphabet() {}

  /**
   * The bytes that a vocabulary entry stands for; an entry outside the alphabet is its own UTF-8.
   */
  static byte[] bytes(String piece) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < piece.length(); i++) {
      char character = piece.charAt(i);
      int value = character < BYTE_OF_CHARACTER.length ? BYTE_OF_CHARACTER[character] : -1;
      if (value < 0) {
        return piece.getBytes(StandardCharsets.UTF_8);
      }
      bytes.write(value);
    }
    return bytes.toByteArray();
  }
}
