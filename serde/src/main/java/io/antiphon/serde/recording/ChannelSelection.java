package io.antiphon.serde.recording;

import java.util.Locale;
import java.util.Optional;

/** Which of a recording's channels are heard as one. */
public enum ChannelSelection {
  /** The first channel. */
  LEFT,
  /** The second channel. */
  RIGHT,
  /** The mean of all channels. */
  MIX;

  /** How the names are listed in errors. */
  public static final String EXPECTATION = "left, right or mix";

  /** The selection of a name in lower case, empty for any other. */
  public static Optional<ChannelSelection> of(String name) {
    for (ChannelSelection selection : values()) {
      if (selection.toString().equals(name)) {
        return Optional.of(selection);
      }
    }
    return Optional.empty();
  }

  /**
   * Makes one channel of several.
   *
   * @param interleaved frames of {@code channels} samples
   * @param frames how many of them to take
   * @param mono where one sample a frame goes, from {@code to} on
   */
  void select(float[] interleaved, int frames, int channels, float[] mono, int to) {
    for (int frame = 0; frame < frames; frame++) {
      int at = frame * channels;
      mono[to + frame] =
          switch (this) {
            case LEFT -> interleaved[at];
            case RIGHT -> interleaved[at + 1];
            case MIX -> mean(interleaved, at, channels);
          };
    }
  }

  private static float mean(float[] samples, int at, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++) {
      sum += samples[at + i];
    }
    return sum / count;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
