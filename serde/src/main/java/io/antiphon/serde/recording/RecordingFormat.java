package io.antiphon.serde.recording;

import java.util.OptionalLong;

/**
 * What a recording says of itself.
 *
 * @param encoding the container and its encoding for people, such as {@code WAV, mu-law}
 * @param sampleRate hertz
 * @param channels interleaved channels, at least 1
 * @param frames samples of each channel; empty when the recording does not say, or says it wrongly
 */
public record RecordingFormat(String encoding, int sampleRate, int channels, OptionalLong frames) {
  static final int MINIMUM_RATE = 1_000;
  static final int MAXIMUM_RATE = 384_000;

  public RecordingFormat {
    if (channels < 1) {
      throw new IllegalArgumentException("channels is " + channels + "; expected at least 1");
    }
    if (sampleRate < MINIMUM_RATE || sampleRate > MAXIMUM_RATE) {
      throw new IllegalArgumentException(
          "sampleRate is " + sampleRate + "; expected " + MINIMUM_RATE + " to " + MAXIMUM_RATE);
    }
  }
}
