package io.antiphon.local;

import io.antiphon.schemas.ConversationEvent;
import io.antiphon.serde.Records;
import java.util.List;

/**
 * A record that cannot be used, with what must come of it.
 *
 * @param before records that bring the conversation to where the hostile one strikes; harmless
 *     themselves
 * @param after records that follow it; harmless themselves
 * @param outcome where the explanation stands
 * @param code the explanation's code
 * @param staysOpen whether the conversation then waits for its caller, who never comes
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record HostileRecord(
    String kind,
    String conversation,
    List<ConversationEvent> before,
    byte[] key,
    byte[] value,
    List<ConversationEvent> after,
    Outcome outcome,
    String code,
    boolean staysOpen) {

  /** Where an explanation stands. */
  enum Outcome {
    /** A dead letter of this very record. */
    DEAD_LETTER,
    /** A ConversationFailed in the record's conversation. */
    RESPONSE
  }

  /** Bytes that need no conversation. */
  static HostileRecord bytes(String kind, byte[] key, byte[] value, String code) {
    return new HostileRecord(
        kind, kind, List.of(), key, value, List.of(), Outcome.DEAD_LETTER, code, false);
  }

  /** An event that becomes a dead letter. */
  static HostileRecord refused(
      String kind,
      List<ConversationEvent> before,
      ConversationEvent event,
      String code,
      boolean staysOpen) {
    String id = event.getConversationId();
    return new HostileRecord(
        kind,
        id,
        before,
        Records.key(id),
        Records.encode(event, Integer.MAX_VALUE),
        List.of(),
        Outcome.DEAD_LETTER,
        code,
        staysOpen);
  }

  /**
   * An event that is used, to an end that is explained to the caller; the conversation stays open.
   */
  static HostileRecord explained(
      String kind,
      List<ConversationEvent> before,
      ConversationEvent event,
      List<ConversationEvent> after,
      String code) {
    String id = event.getConversationId();
    return new HostileRecord(
        kind,
        id,
        before,
        Records.key(id),
        Records.encode(event),
        after,
        Outcome.RESPONSE,
        code,
        true);
  }
}
