package io.antiphon.runtime.text;

/** Text to ids and back. Thread safe until it is closed. */
public interface TextTokenizer extends AutoCloseable {
  /** Encodes template text: special tokens are recognised. */
  int[] encode(String text);

  /**
   * Encodes a caller's text: what looks like a special token or a marker of the prompt template is
   * plain text.
   */
  int[] encodePlain(String text);

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
