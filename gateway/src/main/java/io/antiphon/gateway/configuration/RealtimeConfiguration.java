package io.antiphon.gateway.configuration;

import io.antiphon.configuration.ByteSize;
import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;
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
    List<String> models, List<String> voices, Duration bufferedAudio, ByteSize messageBytes)
    implements Section {
  public RealtimeConfiguration {
    models = List.copyOf(models);
    voices = List.copyOf(voices);
  }

  @Override
  public void check(Problems problems) {
    problems.require(!models.isEmpty(), "models", models, "at least one name");
    problems.require(
        bufferedAudio.compareTo(Duration.ofSeconds(1)) >= 0,
        "bufferedAudio",
        bufferedAudio.toMillis() + "ms",
        "at least 1s");
    problems.require(
        messageBytes.bytes() >= 64 * 1024 && messageBytes.bytes() <= 64 << 20,
        "messageBytes",
        messageBytes,
        "64KiB to 64MiB");
  }
}
