package io.antiphon.gateway.configuration;

import java.time.Duration;
import java.util.List;

/**
 * Settings of the OpenAI Realtime protocol.
 *
 * @param models names for {@code GET /v1/models}, at least one; clients may ask for any
 * @param voices of the bundle; any other name leaves the bundle its own
 * @param bufferedAudio longest turn that was not committed
 * @param messageBytes of one client event
 */
public record RealtimeConfiguration(
    List<String> models, List<String> voices, Duration bufferedAudio, int messageBytes) {
  public RealtimeConfiguration {
    models = List.copyOf(models);
    voices = List.copyOf(voices);
  }
}
