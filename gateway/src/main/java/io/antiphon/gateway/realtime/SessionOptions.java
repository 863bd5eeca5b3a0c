package io.antiphon.gateway.realtime;

import java.time.Duration;
import java.util.List;

/**
 * What all sessions of the protocol share.
 *
 * @param models names for {@code GET /v1/models}, at least one; any name is taken
 * @param voices names that the bundle knows
 * @param maximumSession after which a session is ended
 * @param maximumBufferedAudio of one turn that was not committed
 * @param maximumMessage bytes of one client event
 */
public record SessionOptions(
    List<String> models,
    List<String> voices,
    Duration maximumSession,
    Duration maximumBufferedAudio,
    int maximumMessage) {
  public SessionOptions {
    models = List.copyOf(models);
    voices = List.copyOf(voices);
    if (models.isEmpty()) {
      throw new IllegalArgumentException("models is empty; expected at least one name");
    }
  }
}
