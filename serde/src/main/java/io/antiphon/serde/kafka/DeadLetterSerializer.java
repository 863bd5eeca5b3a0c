package io.antiphon.serde.kafka;

import io.antiphon.schemas.DeadLetter;

/** Values of the topic {@code dead-letters} for any Kafka producer. */
public final class DeadLetterSerializer extends RecordSerializer<DeadLetter> {
  public DeadLetterSerializer() {
    super(Integer.MAX_VALUE);
  }
}
