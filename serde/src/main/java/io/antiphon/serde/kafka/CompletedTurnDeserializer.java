package io.antiphon.serde.kafka;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.serde.Records;
import io.antiphon.serde.WriterSchemas;

/** Values of the topic {@code completed-turns} for any Kafka consumer. */
public final class CompletedTurnDeserializer extends RecordDeserializer<CompletedTurn> {
  public CompletedTurnDeserializer() {
    this(WriterSchemas.NONE);
  }

  /**
   * @param writers where the schemas of later releases are
   */
  public CompletedTurnDeserializer(WriterSchemas writers) {
    super(CompletedTurn.class, Records.DEFAULT_MAXIMUM_BYTES, writers);
  }
}
