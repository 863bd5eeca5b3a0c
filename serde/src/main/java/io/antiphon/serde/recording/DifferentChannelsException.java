package io.antiphon.serde.recording;

import java.io.IOException;

/** Somebody wants to hear one party, and the recording's channels hold different sound. */
public final class DifferentChannelsException extends IOException {
  private static final long serialVersionUID = 1L;

  DifferentChannelsException(String name, int channels) {
    super(
        name
            + " has "
            + channels
            + " channels with different sound, perhaps one party on each; choose "
            + ChannelSelection.EXPECTATION);
  }
}
