package io.antiphon.gateway.phone;

import io.antiphon.gateway.configuration.TrunkConfiguration;
import io.antiphon.gateway.configuration.TrunkConfiguration.Provider;
import io.antiphon.gateway.conversation.ConversationRequest;
import io.antiphon.gateway.conversation.TurnTaking;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.Mode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A way in for telephone calls, as configured: who sends them, how they prove it, whose they are
 * and how they are answered.
 *
 * @param name letters, digits and hyphens; part of the path {@code /phone/NAME/...}
 * @param provider whose protocol it speaks
 * @param tenant whose calls these are
 * @param secret Twilio: the account's auth token, as it signs with; others: the SHA-256 of their
 *     key, in hexadecimal
 * @param instructions for the model, behind the bundle's for the mode; empty for none
 * @param voice empty as the bundle has it
 * @param tools JSON signatures, one a string; whoever reads the topics runs them
 * @param turnTaking who decides that the caller's turn is over
 */
public record Trunk(
    String name,
    Provider provider,
    String tenant,
    String secret,
    Optional<String> instructions,
    Optional<String> voice,
    List<String> tools,
    TurnTaking turnTaking) {

  public Trunk {
    if (!name.matches("[A-Za-z0-9-]{1,64}")) {
      throw new IllegalArgumentException(
          "trunk name \"" + name + "\"; expected 1 to 64 letters, digits and hyphens");
    }
    if (tenant.isEmpty()) {
      throw new IllegalArgumentException("tenant of trunk " + name + " is empty");
    }
    boolean hashed = provider != Provider.TWILIO && provider != Provider.AUDIOSOCKET;
    if (hashed && !secret.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "secret of trunk " + name + "; expected the SHA-256 of the key, 64 hexadecimal digits");
    }
    if (provider == Provider.TWILIO && secret.isEmpty()) {
      throw new IllegalArgumentException("secret of trunk " + name + "; expected the auth token");
    }
    tools = List.copyOf(tools);
  }

  /** A trunk of the configuration, which was checked. */
  static Trunk of(String name, TrunkConfiguration configured) {
    return new Trunk(
        name,
        configured.provider().orElseThrow(),
        configured.tenant(),
        configured.authToken().or(configured::keySha256).orElse(""),
        configured.instructions(),
        configured.voice(),
        configured.tools(),
        new TurnTaking(
            TurnTaking.Type.SPEECH,
            configured.threshold(),
            (int) configured.prefix().toMillis(),
            (int) configured.silence().toMillis(),
            0,
            configured.interruptsAnswer(),
            true,
            (int) configured.idleTimeout().toMillis()));
  }

  /** What a call of this trunk asks its conversation to be. */
  ConversationRequest settings(AudioFormat input, AudioFormat output, MediaStart call) {
    Map<String, String> attributes = new LinkedHashMap<>(call.parameters());
    attributes.put("trunk", name);
    attributes.put("callId", call.callId());
    return new ConversationRequest(
        tenant,
        Mode.SPEECH_TO_SPEECH,
        instructions.orElse(null),
        tools.isEmpty() ? null : tools,
        "auto",
        input,
        output,
        voice.orElse(null),
        null,
        null,
        turnTaking,
        true,
        attributes,
        List.of());
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "Trunk[" + name + ", " + provider + ", tenant " + tenant + "]";
  }
}
