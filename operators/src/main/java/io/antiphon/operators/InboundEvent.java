package io.antiphon.operators;

import io.antiphon.schemas.ConversationEvent;

/** A decoded event with the record that it came in, so that it can still become a dead letter. */
record InboundEvent(InboundRecord origin, ConversationEvent event) {
  String conversation() {
    return event.getConversationId();
  }
}
