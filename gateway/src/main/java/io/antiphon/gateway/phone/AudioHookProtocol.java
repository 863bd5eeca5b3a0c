package io.antiphon.gateway.phone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Genesys AudioHook, version 2: JSON control messages numbered on both sides, binary mu-law. The
 * peer opens, pings, pauses and closes, and every message names the last one seen of the other
 * side.
 */
public final class AudioHookProtocol implements MediaProtocol {
  private static final String PROBE = "00000000-0000-0000-0000-000000000000";

  /** Largest binary message: 3 s, more than the peer is allowed to put together. */
  private static final int MAXIMUM_AUDIO = 24_000;

  private @Nullable String sessionId;
  private long clientSeq;
  private long serverSeq;
  private long receivedSamples;
  private boolean probe;
  private boolean paused;
  private boolean closed;

  @Override
  public List<PhoneEvent> text(String message) throws MediaProtocolException {
    JsonNode json = MediaJson.parse(message);
    String version = MediaJson.text(json, "version");
    if (!version.equals("2")) {
      throw MediaJson.bad("version is not 2");
    }
    String type = MediaJson.text(json, "type");
    String id = MediaJson.text(json, "id");
    if (sessionId == null && !type.equals("open")) {
      throw MediaJson.notDue(type + " before open", "open");
    }
    if (sessionId != null && !id.equals(sessionId)) {
      throw new MediaProtocolException(
          MediaProtocolException.POLICY, type + " of another id than that of open");
    }
    long seq = MediaJson.number(json, "seq");
    if (seq != clientSeq + 1) {
      throw MediaJson.notDue("seq " + seq, String.valueOf(clientSeq + 1));
    }
    long seen = MediaJson.number(json, "serverseq");
    if (seen < 0 || seen > serverSeq) {
      throw MediaJson.notDue("serverseq " + seen, "at most " + serverSeq);
    }
    if (closed) {
      throw MediaJson.notDue(type + " after close", "nothing");
    }
    clientSeq = seq;
    JsonNode parameters = MediaJson.object(json, "parameters");
    return switch (type) {
      case "open" -> open(id, parameters);
      case "ping" -> List.of(reply("pong", MediaJson.object()));
      case "close" -> {
        closed = true;
        PhoneEvent reply = reply("closed", MediaJson.object());
        yield probe
            ? List.of(reply)
            : List.of(
                reply,
                new PhoneEvent.Ended(
                    "the caller's side closed: " + MediaJson.text(parameters, "reason", "end")));
      }
      case "paused" -> {
        paused = true;
        yield List.of(new PhoneEvent.Held(true));
      }
      case "resumed" -> {
        paused = false;
        yield List.of(new PhoneEvent.Held(false));
      }
      case "discarded" -> List.of(new PhoneEvent.Lost(millis(parameters, "discarded")));
      case "dtmf" -> List.of(MediaJson.key(MediaJson.text(parameters, "digit")));
      case "error" ->
          throw MediaJson.notDue(
              "the provider reports error " + parameters.path("code").asText("without a code"),
              "none");
      default -> List.of();
    };
  }

  @Override
  public List<PhoneEvent> binary(byte[] message) throws MediaProtocolException {
    if (sessionId == null || closed || probe) {
      throw MediaJson.notDue("audio outside of an open session", "open");
    }
    if (paused) {
      throw MediaJson.notDue("audio in a pause", "resumed");
    }
    if (message.length > MAXIMUM_AUDIO) {
      throw new MediaProtocolException(
          MediaProtocolException.TOO_LARGE,
          message.length + " bytes of audio; expected at most " + MAXIMUM_AUDIO);
    }
    receivedSamples += message.length;
    return List.of(new PhoneEvent.Audio(message));
  }

  @Override
  public List<WireMessage> audio(byte[] frame) {
    return List.of(new WireMessage.Binary(frame));
  }

  @Override
  public List<WireMessage> clear() {
    ObjectNode parameters = MediaJson.object();
    ObjectNode entity = parameters.putArray("entities").addObject();
    entity.put("type", "barge_in").putObject("data");
    return List.of(message("event", parameters));
  }

  @Override
  public List<WireMessage> mark(String name) {
    return List.of();
  }

  @Override
  public List<WireMessage> hangUp() {
    if (sessionId == null || closed) {
      return List.of(new WireMessage.Close(1000, "the conversation is over"));
    }
    // The peer answers with close, gets closed, and ends the socket itself.
    return List.of(message("disconnect", MediaJson.object().put("reason", "completed")));
  }

  @Override
  public boolean marks() {
    return false;
  }

  @Override
  public boolean comesBack() {
    return false;
  }

  @Override
  public int leadMillis() {
    return 200;
  }

  /** Whether the peer only tries the connection: it is answered and no call begins. */
  public boolean probe() {
    return probe;
  }

  private List<PhoneEvent> open(String id, JsonNode parameters) throws MediaProtocolException {
    if (sessionId != null) {
      throw MediaJson.notDue("a second open", "ping, close, paused or audio");
    }
    String conversation = MediaJson.text(parameters, "conversationId");
    JsonNode offers = parameters.path("media");
    @Nullable JsonNode chosen = null;
    for (JsonNode offer : offers) {
      if (offer.path("type").asText().equals("audio")
          && offer.path("format").asText().equals("PCMU")
          && offer.path("rate").asInt() == 8000
          && offer.path("channels").size() == 1
          && offer.path("channels").path(0).asText().equals("external")) {
        chosen = offer;
        break;
      }
    }
    if (chosen == null) {
      throw MediaJson.bad("media offers no PCMU of rate 8000 with the one channel external");
    }
    JsonNode participant = parameters.path("participant");
    Map<String, String> values = new LinkedHashMap<>(MediaJson.texts(parameters, "inputVariables"));
    put(values, "from", participant.path("ani"));
    put(values, "name", participant.path("aniName"));
    put(values, "to", participant.path("dnis"));
    put(values, "organization", parameters.path("organizationId"));
    put(values, "language", parameters.path("language"));
    PhoneEvent.Started started = MediaJson.started(conversation, id, PhoneAudio.MU_LAW, values);
    sessionId = id;
    probe = conversation.equals(PROBE);
    ObjectNode answer = MediaJson.object().put("startPaused", false);
    answer.putArray("media").add(chosen);
    PhoneEvent reply = reply("opened", answer);
    return probe ? List.of(reply) : List.of(reply, started);
  }

  private static void put(Map<String, String> values, String name, JsonNode value) {
    if (value.isTextual() && !value.textValue().isEmpty()) {
      values.put(name, value.textValue());
    }
  }

  /** A duration like PT1.25S. */
  private static long millis(JsonNode parameters, String field) throws MediaProtocolException {
    String text = MediaJson.text(parameters, field);
    if (!text.matches("PT[0-9]{1,9}(\\.[0-9]{1,9})?S")) {
      throw MediaJson.bad(field + " is no duration; expected one like PT1.25S");
    }
    return new BigDecimal(text.substring(2, text.length() - 1)).movePointRight(3).longValue();
  }

  private PhoneEvent reply(String type, ObjectNode parameters) {
    return new PhoneEvent.Reply(message(type, parameters));
  }

  private WireMessage message(String type, ObjectNode parameters) {
    if (sessionId == null) {
      throw new IllegalStateException(type + " before the session was opened");
    }
    serverSeq++;
    ObjectNode message = MediaJson.object();
    message.put("version", "2");
    message.put("type", type);
    message.put("seq", serverSeq);
    message.put("clientseq", clientSeq);
    message.put("id", sessionId);
    message.set("parameters", parameters);
    return MediaJson.message(message);
  }

  /** Milliseconds of the caller's audio taken so far. */
  public long receivedMillis() {
    return PhoneAudio.MU_LAW.millis(receivedSamples);
  }
}
