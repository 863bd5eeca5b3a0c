package io.antiphon.gateway.phone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asterisk's {@code chan_websocket}, with JSON control ({@code f(json)}) or with plain text. Its
 * rules, all of them silent: a message that holds no whole number of frames loses its rest, a
 * command of more than 127 bytes is ignored, more than 1 000 queued frames are dropped, and a flush
 * takes the marks along without returning them. So frames here are whole, commands short, and the
 * pending marks of a flush are returned by this class.
 */
public final class AsteriskProtocol implements MediaProtocol {
  /** Bytes of a command that Asterisk still reads. */
  static final int MAXIMUM_COMMAND = 127;

  /** Marks that may be pending: more than the queue has frames is an error of ours. */
  private static final int MAXIMUM_MARKS = 1000;

  /** Largest binary message: 200 ms of the widest coding. */
  private static final int MAXIMUM_AUDIO = 65_536;

  private final Deque<String> pending = new ArrayDeque<>();
  private boolean json = true;
  private boolean started;
  private PhoneAudio audio = PhoneAudio.MU_LAW;

  @Override
  public List<PhoneEvent> text(String message) throws MediaProtocolException {
    Fields fields = message.startsWith("{") ? fields(MediaJson.parse(message)) : plain(message);
    if (fields.event.equals("MEDIA_START")) {
      json = message.startsWith("{");
      return List.of(start(fields));
    }
    if (!started) {
      throw MediaJson.notDue(fields.event + " before MEDIA_START", "MEDIA_START");
    }
    return switch (fields.event) {
      case "DTMF_END" -> List.of(MediaJson.key(fields.need("digit")));
      case "MEDIA_MARK_PROCESSED" -> marked(fields.need("correlation_id"));
      case "MEDIA_XOFF" -> List.of(new PhoneEvent.Paused());
      case "MEDIA_XON" -> List.of(new PhoneEvent.Resumed());
      case "ERROR" ->
          throw MediaJson.notDue(
              "Asterisk reports an error: " + fields.values.getOrDefault("error_text", "no text"),
              "none");
      default -> List.of();
    };
  }

  @Override
  public List<PhoneEvent> binary(byte[] message) throws MediaProtocolException {
    if (!started) {
      throw MediaJson.notDue("audio before MEDIA_START", "MEDIA_START");
    }
    if (message.length > MAXIMUM_AUDIO) {
      throw new MediaProtocolException(
          MediaProtocolException.TOO_LARGE,
          message.length + " bytes of audio; expected at most " + MAXIMUM_AUDIO);
    }
    return List.of(new PhoneEvent.Audio(MediaJson.whole(message, audio)));
  }

  @Override
  public List<WireMessage> audio(byte[] frame) {
    if (frame.length % audio.frameBytes() != 0) {
      throw new IllegalArgumentException(
          frame.length + " bytes; Asterisk drops what is no multiple of " + audio.frameBytes());
    }
    return List.of(new WireMessage.Binary(frame));
  }

  @Override
  public List<WireMessage> clear() {
    pending.clear();
    return List.of(command("FLUSH_MEDIA", ""));
  }

  @Override
  public List<WireMessage> mark(String name) {
    if (pending.size() == MAXIMUM_MARKS) {
      throw new IllegalStateException(MAXIMUM_MARKS + " marks are pending");
    }
    pending.add(name);
    return List.of(command("MARK_MEDIA", name));
  }

  @Override
  public List<WireMessage> hangUp() {
    return List.of(command("HANGUP", ""));
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
    return 100;
  }

  private PhoneEvent start(Fields fields) throws MediaProtocolException {
    if (started) {
      throw MediaJson.notDue("a second MEDIA_START", "audio");
    }
    PhoneAudio offered = AsteriskFormats.of(fields.need("format"));
    String frame = fields.need("optimal_frame_size");
    if (!frame.equals(String.valueOf(offered.frameBytes()))) {
      throw MediaJson.bad(
          "optimal_frame_size is another than "
              + offered.frameBytes()
              + ", the bytes of "
              + PhoneAudio.FRAME_MILLIS
              + " ms");
    }
    Map<String, String> parameters = new LinkedHashMap<>(fields.variables);
    parameters.put("channel", fields.need("channel"));
    PhoneEvent.Started event =
        MediaJson.started(
            fields.need("channel_id"), fields.need("channel_id"), offered, parameters);
    audio = offered;
    started = true;
    return event;
  }

  private List<PhoneEvent> marked(String name) {
    List<PhoneEvent> events = new ArrayList<>(1);
    if (pending.contains(name)) {
      // Marks return in order; one that was skipped has been played too.
      while (!pending.isEmpty()) {
        String next = pending.remove();
        events.add(new PhoneEvent.Marked(next));
        if (next.equals(name)) {
          break;
        }
      }
    }
    return events;
  }

  private WireMessage command(String name, String correlation) {
    String text;
    if (json) {
      ObjectNode command = MediaJson.object().put("command", name);
      if (!correlation.isEmpty()) {
        command.put("correlation_id", correlation);
      }
      text = command.toString();
    } else {
      text = correlation.isEmpty() ? name : name + " " + correlation;
    }
    if (text.getBytes(StandardCharsets.UTF_8).length > MAXIMUM_COMMAND) {
      throw new IllegalArgumentException(
          name + " has more than the " + MAXIMUM_COMMAND + " bytes that Asterisk reads");
    }
    return new WireMessage.Text(text);
  }

  private static Fields fields(JsonNode node) throws MediaProtocolException {
    Fields fields = new Fields(MediaJson.text(node, "event"));
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      if (each.getValue().isValueNode()) {
        fields.values.put(each.getKey(), each.getValue().asText());
      }
    }
    fields.variables.putAll(MediaJson.texts(node, "channel_variables"));
    return fields;
  }

  private static Fields plain(String message) throws MediaProtocolException {
    if (message.length() > MediaJson.MAXIMUM_MESSAGE) {
      throw new MediaProtocolException(
          MediaProtocolException.TOO_LARGE,
          "a message of "
              + message.length()
              + " characters; expected at most "
              + MediaJson.MAXIMUM_MESSAGE);
    }
    String[] words = message.strip().split(" +", -1);
    if (!words[0].matches("[A-Z_]{1,40}")) {
      throw MediaJson.bad("a text message that begins with no name of an event");
    }
    Fields fields = new Fields(words[0]);
    for (int i = 1; i < words.length; i++) {
      int colon = words[i].indexOf(':');
      if (colon > 0) {
        fields.values.put(words[i].substring(0, colon), words[i].substring(colon + 1));
      }
    }
    return fields;
  }

  private static final class Fields {
    private final String event;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, String> variables = new LinkedHashMap<>();

    private Fields(String event) {
      this.event = event;
    }

    private String need(String name) throws MediaProtocolException {
      String value = values.get(name);
      if (value == null) {
        throw MediaJson.bad(event + " without " + name);
      }
      return value;
    }
  }
}
