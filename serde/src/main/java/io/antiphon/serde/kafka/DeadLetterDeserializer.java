package io.antiphon.serde.kafka;

import io.antiphon.schemas.DeadLetter;
import io.antiphon.serde.WriterSchemas;

/** Values of the topic {@code dead-letters} for any Kafka consumer. */
public final class DeadLetterDeserializer extends RecordDeserializer<DeadLetter> {
  public DeadLetterDeserializer() {
    this(WriterSchemas.NONE);
  }

  /**
   * @param writers where the schemas of later releases are
   */
  public DeadLetterDeserializer(WriterSchemas writers) {
    super(DeadLetter.class, Integer.MAX_VALUE, writers);
  }
}
