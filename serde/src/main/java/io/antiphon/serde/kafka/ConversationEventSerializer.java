package io.antiphon.serde.kafka;

import io.antiphon.schemas.ConversationEvent;
import io.antiphon.serde.Records;

/** Values of the topic {@code audio-chunks} for any Kafka producer. */
public final class ConversationEventSerializer extends RecordSerializer<ConversationEvent> {
  public ConversationEventSerializer() {
    super(Records.DEFAULT_MAXIMUM_BYTES);
  }
}
