package io.antiphon.serde.audio;

import java.io.IOException;

/**
 * A file that is no WAVE file, is cut off, or holds what is not read here; the message says which.
 */
public final class WaveFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  public WaveFormatException(String message) {
    super(message);
  }
}
