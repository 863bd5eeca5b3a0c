package io.antiphon.gateway.phone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Twilio Media Streams (bidirectional): JSON, mu-law at 8 kHz as base64, numbers as strings. The
 * provider holds whatever is sent, so that {@code clear} and marks are needed to know what was
 * heard. A pause in {@code media.timestamp} is reported as lost.
 */
public final class TwilioProtocol implements MediaProtocol {
  /** Timestamps jitter by a packet; only more than that is a loss. */
  private static final long LOSS_MILLIS = 40;

  private @Nullable String streamSid;
  private long expectedMillis = -1;
  private boolean stopped;

  @Override
  public List<PhoneEvent> text(String message) throws MediaProtocolException {
    JsonNode json = MediaJson.parse(message);
    String event = MediaJson.text(json, "event");
    if (stopped) {
      throw MediaJson.notDue(event + " after stop", "nothing");
    }
    return switch (event) {
      case "connected" -> List.of();
      case "start" -> List.of(start(json));
      case "media" -> media(json);
      case "dtmf" -> {
        ofThisStream(json, event);
        yield List.of(MediaJson.key(MediaJson.text(MediaJson.object(json, "dtmf"), "digit")));
      }
      case "mark" -> {
        ofThisStream(json, event);
        yield List.of(
            new PhoneEvent.Marked(MediaJson.text(MediaJson.object(json, "mark"), "name")));
      }
      case "stop" -> {
        ofThisStream(json, event);
        stopped = true;
        yield List.of(new PhoneEvent.Ended("the caller's side ended the stream"));
      }
      default -> List.of(); // Providers add events; what is new is none of ours.
    };
  }

  @Override
  public List<PhoneEvent> binary(byte[] message) throws MediaProtocolException {
    throw new MediaProtocolException(
        MediaProtocolException.UNSUPPORTED, "a binary message; expected JSON text");
  }

  @Override
  public List<WireMessage> audio(byte[] frame) {
    ObjectNode message = command("media");
    message.putObject("media").put("payload", Base64.getEncoder().encodeToString(frame));
    return List.of(MediaJson.message(message));
  }

  @Override
  public List<WireMessage> clear() {
    return List.of(MediaJson.message(command("clear")));
  }

  @Override
  public List<WireMessage> mark(String name) {
    ObjectNode message = command("mark");
    message.putObject("mark").put("name", name);
    return List.of(MediaJson.message(message));
  }

  @Override
  public List<WireMessage> hangUp() {
    // Closing the socket ends the stream; the call goes on with the next verb of the TwiML.
    return List.of(new WireMessage.Close(1000, "the conversation is over"));
  }

  @Override
  public boolean marks() {
    return true;
  }

  @Override
  public boolean comesBack() {
    return true;
  }

  @Override
  public int leadMillis() {
    return 200;
  }

  private PhoneEvent start(JsonNode json) throws MediaProtocolException {
    if (streamSid != null) {
      throw MediaJson.notDue("a second start", "media");
    }
    JsonNode start = MediaJson.object(json, "start");
    JsonNode format = MediaJson.object(start, "mediaFormat");
    String encoding = MediaJson.text(format, "encoding");
    long rate = MediaJson.number(format, "sampleRate");
    long channels = MediaJson.number(format, "channels");
    if (!encoding.equals("audio/x-mulaw") || rate != 8000 || channels != 1) {
      throw MediaJson.bad(
          "mediaFormat is another than audio/x-mulaw with sampleRate 8000 and channels 1");
    }
    String stream = MediaJson.text(start, "streamSid");
    PhoneEvent.Started started =
        MediaJson.started(
            MediaJson.text(start, "callSid"),
            stream,
            PhoneAudio.MU_LAW,
            MediaJson.texts(start, "customParameters"));
    streamSid = stream;
    return started;
  }

  private List<PhoneEvent> media(JsonNode json) throws MediaProtocolException {
    ofThisStream(json, "media");
    JsonNode media = MediaJson.object(json, "media");
    if (MediaJson.text(media, "track", "inbound").equals("outbound")) {
      return List.of(); // Our own voice, where both tracks were asked for.
    }
    byte[] samples = MediaJson.samples(media, "payload", PhoneAudio.MU_LAW);
    List<PhoneEvent> events = new ArrayList<>(2);
    if (media.has("timestamp")) {
      long timestamp = MediaJson.number(media, "timestamp");
      if (expectedMillis >= 0 && timestamp - expectedMillis >= LOSS_MILLIS) {
        events.add(new PhoneEvent.Lost(timestamp - expectedMillis));
      }
      expectedMillis =
          Math.max(expectedMillis, timestamp + PhoneAudio.MU_LAW.millis(samples.length));
    }
    events.add(new PhoneEvent.Audio(samples));
    return events;
  }

  private void ofThisStream(JsonNode json, String event) throws MediaProtocolException {
    if (streamSid == null) {
      throw MediaJson.notDue(event + " before start", "start");
    }
    if (!MediaJson.text(json, "streamSid").equals(streamSid)) {
      throw new MediaProtocolException(
          MediaProtocolException.POLICY, event + " of another streamSid than that of start");
    }
  }

  private ObjectNode command(String event) {
    if (streamSid == null) {
      throw new IllegalStateException(event + " before the stream started");
    }
    return MediaJson.object().put("event", event).put("streamSid", streamSid);
  }
}
