package io.antiphon.runtime.text;

import java.util.List;

/** Text to ids and back. Thread safe until it is closed. */
public interface TextTokenizer extends AutoCloseable {
  /** Encodes template text: special tokens are recognised. */
  int[] encode(String text);

  /**
   * Encodes a caller's text: what looks like a special token or a marker of the prompt template is
   * plain text.
   */
  int[] encodePlain(String text);

  /**
   * A piece of a prompt.
   *
   * @param template the template's own text, in which markers are recognised; else a caller's
   */
  record Piece(String text, boolean template) {
    static Piece template(String text) {
      return new Piece(text, true);
    }

    static Piece plain(String text) {
      return new Piece(text, false);
    }
  }

  /**
   * Encodes pieces as the one text that they make, as a model's training did: where a caller's text
   * meets the template's, a token may hold parts of both. Markers are recognised within the
   * template's pieces alone.
   */
  int[] encode(List<Piece> pieces);

  /** A fresh incremental decoder, which outlives the tokenizer; not thread safe. */
  TextStream stream();

  /** Decodes a whole sequence; special tokens give nothing. */
  default String decode(int... ids) {
    TextStream stream = stream();
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(stream.append(id));
    }
    return text.append(stream.finish()).toString();
  }

  /** Frees native memory; encodes nothing afterwards. */
  @Override
  void close();
}
