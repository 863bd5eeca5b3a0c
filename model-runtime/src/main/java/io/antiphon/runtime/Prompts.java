package io.antiphon.runtime;

import java.util.List;

/**
 * Prompt pieces from the bundle's template. The template's own strings are encoded with special
 * tokens recognised, callers' texts without; every piece is encoded by itself, so that ids do not
 * depend on what stands beside it. Immutable.
 */
public final class Prompts {
  Prompts() {}

  /**
   * The system message.
   *
   * @param instructions null for the mode's own
   * @param tools signatures, one line of JSON each; null for the bundle's own (none when
   *     transcribing), empty for none
   */
  public List<PromptSegment> system(Mode mode, String instructions, List<String> tools) {
    throw new UnsupportedOperationException();
  }

  /** Begins a user's turn of audio. */
  public int[] audioBegin() {
    throw new UnsupportedOperationException();
  }

  /** Ends a user's turn of audio, up to where the assistant answers. */
  public int[] audioEnd() {
    throw new UnsupportedOperationException();
  }

  /** A user's written turn, up to where the assistant answers. */
  public int[] textTurn(String text) {
    throw new UnsupportedOperationException();
  }

  /** What a called tool answered, up to where the assistant answers. */
  public int[] toolResult(String result) {
    throw new UnsupportedOperationException();
  }

  /**
   * A finished assistant turn in its history form, with its end. Tool calls in it keep their
   * special tokens.
   */
  public int[] assistantHistory(String text) {
    throw new UnsupportedOperationException();
  }

  /** The text that begins a tool call in an assistant turn. */
  public String toolCallBegin() {
    throw new UnsupportedOperationException();
  }

  /** The text that ends a tool call in an assistant turn. */
  public String toolCallEnd() {
    throw new UnsupportedOperationException();
  }
}
