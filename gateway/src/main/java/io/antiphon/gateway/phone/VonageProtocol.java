package io.antiphon.gateway.phone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Vonage Voice API over WebSocket: binary PCM16 (little endian) in 20 ms messages, JSON for the
 * rest. What the NCCO gives as headers comes in the first message.
 */
public final class VonageProtocol implements MediaProtocol {
  private static final Pattern CONTENT_TYPE =
      Pattern.compile("audio/l16; ?rate=(8000|16000|24000)");

  private final String callId;
  private boolean started;
  private PhoneAudio audio = new PhoneAudio(PhoneAudio.Coding.PCM16, 16_000);

  /**
   * The protocol of one stream.
   *
   * @param callId name of the call where the first message brings none
   */
  public VonageProtocol(String callId) {
    this.callId = callId;
  }

  @Override
  public List<PhoneEvent> text(String message) throws MediaProtocolException {
    JsonNode json = MediaJson.parse(message);
    String event = MediaJson.text(json, "event");
    if (event.equals("websocket:connected")) {
      return List.of(start(json));
    }
    if (!started) {
      throw MediaJson.notDue(event + " before websocket:connected", "websocket:connected");
    }
    return switch (event) {
      case "websocket:dtmf" -> List.of(MediaJson.key(MediaJson.text(json, "digit")));
      case "websocket:notify" ->
          List.of(new PhoneEvent.Marked(MediaJson.text(MediaJson.object(json, "payload"), "mark")));
      default -> List.of(); // websocket:cleared among them: the core knows what it cleared.
    };
  }

  @Override
  public List<PhoneEvent> binary(byte[] message) throws MediaProtocolException {
    if (!started) {
      throw MediaJson.notDue("audio before websocket:connected", "websocket:connected");
    }
    return List.of(new PhoneEvent.Audio(MediaJson.whole(message, audio)));
  }

  @Override
  public List<WireMessage> audio(byte[] frame) {
    return List.of(new WireMessage.Binary(frame));
  }

  @Override
  public List<WireMessage> clear() {
    return List.of(MediaJson.message(MediaJson.object().put("action", "clear")));
  }

  @Override
  public List<WireMessage> mark(String name) {
    ObjectNode message = MediaJson.object().put("action", "notify");
    message.putObject("payload").put("mark", name);
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
    if (started) {
      throw MediaJson.notDue("a second websocket:connected", "audio");
    }
    String type = MediaJson.text(json, "content-type");
    Matcher matcher = CONTENT_TYPE.matcher(type);
    if (!matcher.matches()) {
      throw MediaJson.bad("content-type is another than audio/l16;rate=8000, 16000 or 24000");
    }
    audio = new PhoneAudio(PhoneAudio.Coding.PCM16, Integer.parseInt(matcher.group(1)));
    Map<String, String> parameters = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : json.properties()) {
      if (each.getValue().isValueNode()
          && !each.getKey().equals("event")
          && !each.getKey().equals("content-type")) {
        parameters.put(each.getKey(), each.getValue().asText());
      }
    }
    String call = parameters.getOrDefault("uuid", callId);
    PhoneEvent.Started event = MediaJson.started(call, call, audio, parameters);
    started = true;
    return event;
  }
}
