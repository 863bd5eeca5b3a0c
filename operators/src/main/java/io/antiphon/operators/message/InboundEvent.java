package io.antiphon.operators.message;

import io.antiphon.schemas.ConversationEvent;

/** A decoded event with the record that it came in, so that it can still become a dead letter. */
public record InboundEvent(InboundRecord origin, ConversationEvent event) {
  public String conversation() {
    return event.getConversationId();
  }

  /** Bytes of the event as it came. */
  public int bytes() {
    byte[] value = origin.value();
    return value == null ? 0 : value.length;
  }
}
