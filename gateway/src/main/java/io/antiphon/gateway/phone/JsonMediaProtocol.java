package io.antiphon.gateway.phone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Twilio began and others took over: events {@code start}, {@code media}, {@code dtmf}, {@code
 * mark} and {@code stop} as JSON with the audio as base64, and {@code media}, {@code mark} and
 * {@code clear} back. The provider holds whatever is sent, so that only marks tell what was heard.
 */
abstract class JsonMediaProtocol implements MediaProtocol {
  private final String streamField;
  private final boolean namesStream;
  private @Nullable String stream;
  private boolean stopped;

  /**
   * @param streamField holds the stream's name in every message
   * @param namesStream whether our messages have to hold it too
   */
  JsonMediaProtocol(String streamField, boolean namesStream) {
    this.streamField = streamField;
    this.namesStream = namesStream;
  }

  /** Reads the first message that counts. */
  abstract PhoneEvent.Started start(JsonNode json) throws MediaProtocolException;

  /** Reads a packet of the caller's audio. */
  abstract List<PhoneEvent> media(JsonNode media) throws MediaProtocolException;

  /** A frame as its bytes go over the wire. */
  abstract byte[] payload(byte[] frame);

  /** Any other event; providers add some, and what is new is none of ours. */
  List<PhoneEvent> other(String event, JsonNode json) throws MediaProtocolException {
    return List.of();
  }

  @Override
  public final List<PhoneEvent> text(String message) throws MediaProtocolException {
    JsonNode json = MediaJson.parse(message);
    String event = MediaJson.text(json, "event");
    if (stopped) {
      return List.of(); // Not everybody promises order: media may come after stop.
    }
    return switch (event) {
      case "start" -> {
        if (stream != null) {
          throw MediaJson.notDue("a second start", "media");
        }
        PhoneEvent.Started started = start(json);
        stream = started.start().streamId();
        yield List.of(started);
      }
      case "media" -> {
        ofThisStream(json, event);
        JsonNode media = MediaJson.object(json, "media");
        // The other track is our own voice, where both were asked for.
        yield MediaJson.text(media, "track", "inbound").equals("outbound")
            ? List.of()
            : media(media);
      }
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
      default -> other(event, json);
    };
  }

  @Override
  public final List<PhoneEvent> binary(byte[] message) throws MediaProtocolException {
    throw new MediaProtocolException(
        MediaProtocolException.UNSUPPORTED, "a binary message; expected JSON text");
  }

  @Override
  public final List<WireMessage> audio(byte[] frame) {
    ObjectNode message = command("media");
    message.putObject("media").put("payload", Base64.getEncoder().encodeToString(payload(frame)));
    return List.of(MediaJson.message(message));
  }

  @Override
  public final List<WireMessage> clear() {
    return List.of(MediaJson.message(command("clear")));
  }

  @Override
  public final List<WireMessage> mark(String name) {
    ObjectNode message = command("mark");
    message.putObject("mark").put("name", name);
    return List.of(MediaJson.message(message));
  }

  @Override
  public final List<WireMessage> hangUp() {
    return List.of(new WireMessage.Close(1000, "the conversation is over"));
  }

  @Override
  public final boolean marks() {
    return true;
  }

  @Override
  public final int leadMillis() {
    return 200;
  }

  private void ofThisStream(JsonNode json, String event) throws MediaProtocolException {
    if (stream == null) {
      throw MediaJson.notDue(event + " before start", "start");
    }
    if (!MediaJson.text(json, streamField).equals(stream)) {
      throw new MediaProtocolException(
          MediaProtocolException.POLICY,
          event + " of another " + streamField + " than that of start");
    }
  }

  private ObjectNode command(String event) {
    if (stream == null) {
      throw new IllegalStateException(event + " before the stream started");
    }
    ObjectNode command = MediaJson.object().put("event", event);
    return namesStream ? command.put(streamField, stream) : command;
  }
}
