package io.antiphon.gateway.realtime;

import java.time.Duration;
import java.util.List;

/**
 * What all sessions of the protocol share.
 *
 * @param models names for {@code GET /v1/models}; any name is taken
 * @param voices names that the bundle knows
 * @param maximumSession after which a session is ended
 * @param maximumBufferedAudio of one turn that was not committed
 */
public record SessionOptions(
    List<String> models,
    List<String> voices,
    Duration maximumSession,
    Duration maximumBufferedAudio) {
  public SessionOptions {
    models = List.copyOf(models);
    voices = List.copyOf(voices);
  }
}
