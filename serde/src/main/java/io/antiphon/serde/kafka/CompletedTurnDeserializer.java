package io.antiphon.serde.kafka;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.serde.Records;

/** Values of the topic {@code completed-turns} for any Kafka consumer. */
public final class CompletedTurnDeserializer extends RecordDeserializer<CompletedTurn> {
  public CompletedTurnDeserializer() {
    super(CompletedTurn.class, Records.DEFAULT_MAXIMUM_BYTES);
  }
}
