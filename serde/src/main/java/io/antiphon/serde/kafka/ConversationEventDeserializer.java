package io.antiphon.serde.kafka;

import io.antiphon.schemas.ConversationEvent;
import io.antiphon.serde.Records;

/** Values of the topic {@code audio-chunks} for any Kafka consumer. */
public final class ConversationEventDeserializer extends RecordDeserializer<ConversationEvent> {
  public ConversationEventDeserializer() {
    super(ConversationEvent.class, Records.DEFAULT_MAXIMUM_BYTES);
  }
}
