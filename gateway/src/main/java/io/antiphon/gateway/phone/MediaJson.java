package io.antiphon.gateway.phone;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads providers' JSON with distrust: bounded, and every error names the field and what it holds.
 */
final class MediaJson {
  /**
   * Characters of one text message; the largest real ones (30 ms of 16 kHz as base64) have 2 000.
   */
  static final int MAXIMUM_MESSAGE = 65_536;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(32)
                          .maxNumberLength(32)
                          .maxStringLength(MAXIMUM_MESSAGE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private MediaJson() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static WireMessage.Text message(ObjectNode node) {
    return new WireMessage.Text(node.toString());
  }

  /** One message, which has to be an object. */
  static JsonNode parse(String message) throws MediaProtocolException {
    if (message.length() > MAXIMUM_MESSAGE) {
      throw new MediaProtocolException(
          MediaProtocolException.TOO_LARGE,
          "a message of " + message.length() + " characters; expected at most " + MAXIMUM_MESSAGE);
    }
    JsonNode node;
    try {
      node = MAPPER.readTree(message);
    } catch (JsonProcessingException e) {
      // Without the source: the message may hold what somebody said.
      throw bad("no JSON: " + e.getOriginalMessage());
    }
    if (!node.isObject()) {
      throw bad("JSON of kind " + node.getNodeType() + "; expected an object");
    }
    return node;
  }

  /** A text field that has to be there. */
  static String text(JsonNode node, String field) throws MediaProtocolException {
    JsonNode value = node.get(field);
    if (value == null || !value.isTextual()) {
      throw bad(field + " is " + describe(value) + "; expected a string");
    }
    return value.textValue();
  }

  /** A text field, or another text where it is not there. */
  static String text(JsonNode node, String field, String otherwise) throws MediaProtocolException {
    return node.path(field).isMissingNode() || node.path(field).isNull()
        ? otherwise
        : text(node, field);
  }

  /** An object that has to be there. */
  static JsonNode object(JsonNode node, String field) throws MediaProtocolException {
    JsonNode value = node.get(field);
    if (value == null || !value.isObject()) {
      throw bad(field + " is " + describe(value) + "; expected an object");
    }
    return value;
  }

  /** A whole number, which some providers write as a string. */
  static long number(JsonNode node, String field) throws MediaProtocolException {
    JsonNode value = node.get(field);
    if (value != null && value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    if (value != null && value.isTextual() && value.textValue().matches("-?[0-9]{1,18}")) {
      return Long.parseLong(value.textValue());
    }
    throw bad(field + " is " + describe(value) + "; expected a whole number");
  }

  /** Text fields of an object; numbers and truth values become text, everything else is refused. */
  static Map<String, String> texts(JsonNode node, String field) throws MediaProtocolException {
    JsonNode value = node.path(field);
    Map<String, String> texts = new LinkedHashMap<>();
    if (value.isMissingNode() || value.isNull()) {
      return texts;
    }
    if (!value.isObject() || value.size() > MediaStart.MAXIMUM_PARAMETERS) {
      throw bad(
          field
              + " is "
              + describe(value)
              + "; expected an object of at most "
              + MediaStart.MAXIMUM_PARAMETERS
              + " texts");
    }
    for (Map.Entry<String, JsonNode> each : value.properties()) {
      if (!each.getValue().isValueNode()) {
        throw bad(
            field + "." + each.getKey() + " is " + describe(each.getValue()) + "; expected text");
      }
      texts.put(each.getKey(), each.getValue().asText());
    }
    return texts;
  }

  /** Base64 of samples. */
  static byte[] samples(JsonNode node, String field, PhoneAudio audio)
      throws MediaProtocolException {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text(node, field));
    } catch (IllegalArgumentException e) {
      throw bad(field + " is no base64");
    }
    return whole(bytes, audio);
  }

  /** Bytes that are whole samples. */
  static byte[] whole(byte[] bytes, PhoneAudio audio) throws MediaProtocolException {
    if (bytes.length % audio.sampleBytes() != 0) {
      throw bad(bytes.length + " bytes of audio; expected a multiple of " + audio.sampleBytes());
    }
    return bytes;
  }

  /** A key of the telephone. */
  static PhoneEvent.KeyPressed key(String digit) throws MediaProtocolException {
    if (digit.length() != 1) {
      throw bad("a key of " + digit.length() + " characters; expected one");
    }
    try {
      return new PhoneEvent.KeyPressed(Character.toUpperCase(digit.charAt(0)));
    } catch (IllegalArgumentException e) {
      throw bad(String.valueOf(e.getMessage()));
    }
  }

  static PhoneEvent.Started started(
      String callId, String streamId, PhoneAudio audio, Map<String, String> parameters)
      throws MediaProtocolException {
    try {
      return new PhoneEvent.Started(new MediaStart(callId, streamId, audio, parameters));
    } catch (IllegalArgumentException e) {
      throw bad(String.valueOf(e.getMessage()));
    }
  }

  static MediaProtocolException bad(String message) {
    return new MediaProtocolException(MediaProtocolException.BAD_DATA, message);
  }

  static MediaProtocolException notDue(String what, String expected) {
    return new MediaProtocolException(
        MediaProtocolException.PROTOCOL_ERROR, what + "; expected " + expected);
  }

  private static String describe(@org.jspecify.annotations.Nullable JsonNode value) {
    if (value == null) {
      return "missing";
    }
    return value.isContainerNode()
        ? "of kind " + value.getNodeType() + " with " + value.size() + " entries"
        : "of kind " + value.getNodeType();
  }
}
