package io.antiphon.gateway.phone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Telnyx media streaming with {@code stream_bidirectional_mode=rtp}: JSON in snake case, PCMU, PCMA
 * or L16 as base64. Messages may overtake each other; {@code media.chunk} puts them in order.
 */
public final class TelnyxProtocol implements MediaProtocol {
  /** Pieces waited for: 100 ms of 20 ms packets. */
  private static final int REORDERED_CHUNKS = 5;

  private final ChunkOrder order = new ChunkOrder(REORDERED_CHUNKS);
  private @Nullable String streamId;
  private PhoneAudio audio = PhoneAudio.MU_LAW;
  private boolean stopped;

  @Override
  public List<PhoneEvent> text(String message) throws MediaProtocolException {
    JsonNode json = MediaJson.parse(message);
    String event = MediaJson.text(json, "event");
    if (stopped) {
      return List.of(); // Order is not promised: media may come after stop.
    }
    return switch (event) {
      case "start" -> List.of(start(json));
      case "media" -> media(json);
      case "dtmf" -> {
        started(json, event);
        yield List.of(MediaJson.key(MediaJson.text(MediaJson.object(json, "dtmf"), "digit")));
      }
      case "mark" -> {
        started(json, event);
        yield List.of(
            new PhoneEvent.Marked(MediaJson.text(MediaJson.object(json, "mark"), "name")));
      }
      case "stop" -> {
        started(json, event);
        stopped = true;
        yield List.of(new PhoneEvent.Ended("the caller's side ended the stream"));
      }
      case "error" -> {
        JsonNode payload = MediaJson.object(json, "payload");
        throw MediaJson.notDue(
            "the provider reports error " + MediaJson.text(payload, "title", "without a title"),
            "none");
      }
      default -> List.of();
    };
  }

  @Override
  public List<PhoneEvent> binary(byte[] message) throws MediaProtocolException {
    throw new MediaProtocolException(
        MediaProtocolException.UNSUPPORTED, "a binary message; expected JSON text");
  }

  @Override
  public List<WireMessage> audio(byte[] frame) {
    ObjectNode message = MediaJson.object().put("event", "media");
    message
        .putObject("media")
        .put("payload", Base64.getEncoder().encodeToString(networkOrder(frame)));
    return List.of(MediaJson.message(message));
  }

  @Override
  public List<WireMessage> clear() {
    return List.of(MediaJson.message(MediaJson.object().put("event", "clear")));
  }

  @Override
  public List<WireMessage> mark(String name) {
    ObjectNode message = MediaJson.object().put("event", "mark");
    message.putObject("mark").put("name", name);
    return List.of(MediaJson.message(message));
  }

  @Override
  public List<WireMessage> hangUp() {
    return List.of(new WireMessage.Close(1000, "the conversation is over"));
  }

  @Override
  public boolean marks() {
    return true;
  }

  @Override
  public boolean comesBack() {
    return false;
  }

  @Override
  public int leadMillis() {
    return 200;
  }

  private PhoneEvent start(JsonNode json) throws MediaProtocolException {
    if (streamId != null) {
      throw MediaJson.notDue("a second start", "media");
    }
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
    String stream = MediaJson.text(json, "stream_id");
    PhoneEvent.Started started =
        MediaJson.started(
            MediaJson.text(start, "call_control_id"),
            stream,
            audio,
            MediaJson.texts(start, "custom_parameters"));
    streamId = stream;
    return started;
  }

  private List<PhoneEvent> media(JsonNode json) throws MediaProtocolException {
    started(json, "media");
    JsonNode media = MediaJson.object(json, "media");
    if (MediaJson.text(media, "track", "inbound").equals("outbound")) {
      return List.of();
    }
    byte[] samples = networkOrder(MediaJson.samples(media, "payload", audio));
    List<PhoneEvent> events = new ArrayList<>();
    for (byte[] piece : order.accept(MediaJson.number(media, "chunk"), samples)) {
      events.add(new PhoneEvent.Audio(piece));
    }
    return events;
  }

  private void started(JsonNode json, String event) throws MediaProtocolException {
    if (streamId == null) {
      throw MediaJson.notDue(event + " before start", "start");
    }
    if (!MediaJson.text(json, "stream_id").equals(streamId)) {
      throw new MediaProtocolException(
          MediaProtocolException.POLICY, event + " of another stream_id than that of start");
    }
  }

  /** L16 is big endian on the network (RFC 3551), little endian here; G.711 has no order. */
  private byte[] networkOrder(byte[] samples) {
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
}
