package io.antiphon.serde.audio;

/** An encoding or sample rate that is not spoken here; the message names what is. */
public final class UnsupportedAudioFormatException extends Exception {
  private static final long serialVersionUID = 1L;

  public UnsupportedAudioFormatException(String message) {
    super(message);
  }
}
