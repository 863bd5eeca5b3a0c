package io.antiphon.gateway.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.gateway.security.Hashes;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.Mode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * What another node must know to go on with a conversation, signed and kept by the client: then no
 * node needs to look for it in the topics, and none can be made up. Thread safe.
 */
final class TakeoverTokens {
  /**
   * Where a conversation stood.
   *
   * @param epoch of its producer
   * @param answersTurns whether its turns are answered without a request
   */
  record Standing(
      String conversationId,
      int epoch,
      Mode mode,
      AudioFormat inputFormat,
      AudioFormat outputFormat,
      boolean answersTurns) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final int LONGEST = 2_000;

  private final byte[] key;

  /**
   * @param secret shared by all nodes
   */
  TakeoverTokens(byte[] secret) {
    key = Hashes.derive(secret, "takeover");
  }

  String make(Standing standing) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("conversation", standing.conversationId())
        .put("epoch", standing.epoch())
        .put("mode", standing.mode().name())
        .put("answersTurns", standing.answersTurns());
    write(node.putObject("input"), standing.inputFormat());
    write(node.putObject("output"), standing.outputFormat());
    byte[] body = node.toString().getBytes(StandardCharsets.UTF_8);
    return ENCODER.encodeToString(body) + "." + ENCODER.encodeToString(Hashes.hmac(key, body));
  }

  /** Empty when a node of this secret has not made it. */
  Optional<Standing> read(String token) {
    int dot = token.indexOf('.');
    if (dot < 0 || token.length() > LONGEST) {
      return Optional.empty();
    }
    try {
      byte[] body = Base64.getUrlDecoder().decode(token.substring(0, dot));
      byte[] code = Base64.getUrlDecoder().decode(token.substring(dot + 1));
      if (!MessageDigest.isEqual(Hashes.hmac(key, body), code)) {
        return Optional.empty();
      }
      JsonNode node = JSON.readTree(new String(body, StandardCharsets.UTF_8));
      return Optional.of(
          new Standing(
              node.path("conversation").asText(),
              node.path("epoch").asInt(),
              Mode.valueOf(node.path("mode").asText()),
              format(node.path("input")),
              format(node.path("output")),
              node.path("answersTurns").asBoolean()));
    } catch (IllegalArgumentException | JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static void write(ObjectNode node, AudioFormat format) {
    node.put("encoding", format.getEncoding()).put("rate", format.getSampleRate());
  }

  private static AudioFormat format(JsonNode node) {
    return new AudioFormat(node.path("encoding").asText(), node.path("rate").asInt(), 1);
  }
}
