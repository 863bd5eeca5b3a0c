package io.antiphon.gateway.phone;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Telnyx media streaming with {@code stream_bidirectional_mode=rtp}: Twilio's events in snake case,
 * with PCMU, PCMA or L16. Messages may overtake each other; {@code media.chunk} puts them in order.
 */
public final class TelnyxProtocol extends JsonMediaProtocol {
  /** Pieces waited for: 100 ms of 20 ms packets. */
  private static final int REORDERED_CHUNKS = 5;

  private final ChunkOrder order = new ChunkOrder(REORDERED_CHUNKS);
  private PhoneAudio audio = PhoneAudio.MU_LAW;

  /** The protocol of one stream. */
  public TelnyxProtocol() {
    super("stream_id", false);
  }

  @Override
  PhoneEvent.Started start(JsonNode json) throws MediaProtocolException {
    JsonNode start = MediaJson.object(json, "start");
    JsonNode format = MediaJson.object(start, "media_format");
    String encoding = MediaJson.text(format, "encoding").toUpperCase(Locale.ROOT);
    long rate = MediaJson.number(format, "sample_rate");
    PhoneAudio.@Nullable Coding coding =
        Map.of(
                "PCMU", PhoneAudio.Coding.MU_LAW,
                "PCMA", PhoneAudio.Coding.A_LAW,
                "L16", PhoneAudio.Coding.PCM16)
            .get(encoding);
    if (coding == null || MediaJson.number(format, "channels") != 1) {
      throw MediaJson.bad("media_format is none of PCMU, PCMA and L16 with one channel");
    }
    try {
      audio = new PhoneAudio(coding, Math.toIntExact(rate));
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw MediaJson.bad("media_format: " + e.getMessage());
    }
    return MediaJson.started(
        MediaJson.text(start, "call_control_id"),
        MediaJson.text(json, "stream_id"),
        audio,
        MediaJson.texts(start, "custom_parameters"));
  }

  @Override
  List<PhoneEvent> media(JsonNode media) throws MediaProtocolException {
    byte[] samples = payload(MediaJson.samples(media, "payload", audio));
    List<PhoneEvent> events = new ArrayList<>();
    for (byte[] piece : order.accept(MediaJson.number(media, "chunk"), samples)) {
      events.add(new PhoneEvent.Audio(piece));
    }
    return events;
  }

  @Override
  List<PhoneEvent> other(String event, JsonNode json) throws MediaProtocolException {
    if (event.equals("error")) {
      JsonNode error = MediaJson.object(json, "payload");
      throw MediaJson.notDue(
          "the provider reports error " + MediaJson.text(error, "title", "without a title"),
          "none");
    }
    return List.of();
  }

  /** L16 is big endian on the network (RFC 3551), little endian here; G.711 has no order. */
  @Override
  byte[] payload(byte[] samples) {
    if (audio.coding() != PhoneAudio.Coding.PCM16) {
      return samples;
    }
    byte[] swapped = new byte[samples.length];
    for (int i = 0; i < samples.length; i += 2) {
      swapped[i] = samples[i + 1];
      swapped[i + 1] = samples[i];
    }
    return swapped;
  }

  @Override
  public boolean comesBack() {
    return false;
  }
}
