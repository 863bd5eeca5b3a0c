package io.antiphon.serde.kafka;

import io.antiphon.schemas.DeadLetter;

/** Values of the topic {@code dead-letters} for any Kafka consumer. */
public final class DeadLetterDeserializer extends RecordDeserializer<DeadLetter> {
  public DeadLetterDeserializer() {
    super(DeadLetter.class, Integer.MAX_VALUE);
  }
}
