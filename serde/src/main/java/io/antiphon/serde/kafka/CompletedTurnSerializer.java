package io.antiphon.serde.kafka;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.serde.Records;

/** Values of the topic {@code completed-turns} for any Kafka producer. */
public final class CompletedTurnSerializer extends RecordSerializer<CompletedTurn> {
  public CompletedTurnSerializer() {
    super(Records.DEFAULT_MAXIMUM_BYTES);
  }
}
