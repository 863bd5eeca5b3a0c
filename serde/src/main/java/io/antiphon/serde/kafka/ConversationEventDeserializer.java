package io.antiphon.serde.kafka;

import io.antiphon.schemas.ConversationEvent;
import io.antiphon.serde.Records;
import io.antiphon.serde.WriterSchemas;

/** Values of the topic {@code audio-chunks} for any Kafka consumer. */
public final class ConversationEventDeserializer extends RecordDeserializer<ConversationEvent> {
  public ConversationEventDeserializer() {
    this(WriterSchemas.NONE);
  }

  /**
   * @param writers where the schemas of later releases are
   */
  public ConversationEventDeserializer(WriterSchemas writers) {
    super(ConversationEvent.class, Records.DEFAULT_MAXIMUM_BYTES, writers);
  }
}
