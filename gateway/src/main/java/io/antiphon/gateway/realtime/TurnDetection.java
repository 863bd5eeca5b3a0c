package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.gateway.conversation.TurnTaking;
import java.util.List;

/**
 * {@code audio.input.turn_detection}, complete.
 *
 * @param eagerness of {@code semantic_vad} only
 * @param idleTimeoutMillis 0 for none
 */
record TurnDetection(
    Kind kind,
    double threshold,
    int prefixPaddingMillis,
    int silenceMillis,
    int idleTimeoutMillis,
    Eagerness eagerness,
    boolean createResponse,
    boolean interruptResponse) {

  /** Who finds the end of a turn. */
  enum Kind {
    /** {@code turn_detection: null}. */
    NONE,
    SERVER_VAD,
    SEMANTIC_VAD
  }

  /**
   * How soon {@code semantic_vad} believes that the caller is done: the quiet behind words that the
   * model takes for a whole utterance, and behind others. What each costs and saves is measured in
   * {@code docs/gateway.md}.
   */
  enum Eagerness {
    LOW(1_200, 4_000),
    MEDIUM(500, 2_000),
    HIGH(300, 1_000),
    AUTO(500, 2_000);

    private final int silenceMillis;
    private final int unfinishedSilenceMillis;

    Eagerness(int silenceMillis, int unfinishedSilenceMillis) {
      this.silenceMillis = silenceMillis;
      this.unfinishedSilenceMillis = unfinishedSilenceMillis;
    }

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  static final TurnDetection SERVER_VAD =
      new TurnDetection(Kind.SERVER_VAD, 0.5, 300, 500, 0, Eagerness.AUTO, true, true);
  static final TurnDetection NONE =
      new TurnDetection(Kind.NONE, 0.5, 300, 500, 0, Eagerness.AUTO, false, false);

  private static final List<String> TYPES = List.of("server_vad", "semantic_vad");
  private static final int LONGEST_MILLIS = 60_000;

  /** What the client wrote over what was there. */
  static TurnDetection read(Parameters given, TurnDetection before) throws RealtimeException {
    Kind kind =
        given
            .choice("type", TYPES)
            .map(t -> t.equals("server_vad") ? Kind.SERVER_VAD : Kind.SEMANTIC_VAD)
            .orElse(before.kind == Kind.NONE ? Kind.SERVER_VAD : before.kind);
    TurnDetection base = kind == before.kind ? before : SERVER_VAD;
    Eagerness eagerness =
        given
            .choice("eagerness", List.of("low", "medium", "high", "auto"))
            .map(e -> Eagerness.valueOf(e.toUpperCase(java.util.Locale.ROOT)))
            .orElse(base.eagerness);
    int idle =
        given.isNull("idle_timeout_ms")
            ? 0
            : given.integer("idle_timeout_ms", 0, LONGEST_MILLIS).orElse(base.idleTimeoutMillis);
    return new TurnDetection(
        kind,
        given.decimal("threshold", 0, 1).orElse(base.threshold),
        given.integer("prefix_padding_ms", 0, LONGEST_MILLIS).orElse(base.prefixPaddingMillis),
        given.integer("silence_duration_ms", 0, LONGEST_MILLIS).orElse(base.silenceMillis),
        idle,
        eagerness,
        given.truth("create_response").orElse(base.createResponse),
        given.truth("interrupt_response").orElse(base.interruptResponse));
  }

  boolean automatic() {
    return kind != Kind.NONE;
  }

  TurnTaking turnTaking() {
    TurnTaking.Type type =
        switch (kind) {
          case NONE -> TurnTaking.Type.MANUAL;
          case SERVER_VAD -> TurnTaking.Type.SPEECH;
          case SEMANTIC_VAD -> TurnTaking.Type.MODEL;
        };
    return new TurnTaking(
        type,
        threshold,
        prefixPaddingMillis,
        kind == Kind.SEMANTIC_VAD ? eagerness.silenceMillis : silenceMillis,
        kind == Kind.SEMANTIC_VAD ? eagerness.unfinishedSilenceMillis : 0,
        automatic() && interruptResponse,
        automatic() && createResponse,
        idleTimeoutMillis);
  }

  void write(ObjectNode input) {
    if (kind == Kind.NONE) {
      input.putNull("turn_detection");
      return;
    }
    ObjectNode detection = input.putObject("turn_detection");
    if (kind == Kind.SERVER_VAD) {
      detection
          .put("type", "server_vad")
          .put("threshold", threshold)
          .put("prefix_padding_ms", prefixPaddingMillis)
          .put("silence_duration_ms", silenceMillis);
      if (idleTimeoutMillis > 0) {
        detection.put("idle_timeout_ms", idleTimeoutMillis);
      } else {
        detection.putNull("idle_timeout_ms");
      }
    } else {
      detection.put("type", "semantic_vad").put("eagerness", eagerness.word());
    }
    detection.put("create_response", createResponse).put("interrupt_response", interruptResponse);
  }
}
