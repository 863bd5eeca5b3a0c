package io.antiphon.runtime.text;

/** Decodes text ids one by one. Not thread safe. */
public interface TextStream {
  /**
   * @return the characters that this id completes; empty inside a character and for special tokens
   */
  String append(int id);

  /** A replacement character when the text ends within a character, else empty. */
  String finish();
}
