package io.antiphon.serde.kafka;

import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.Records;
import io.antiphon.serde.WriterSchemas;

/** Values of the topic {@code text-responses} for any Kafka consumer. */
public final class TextResponseDeserializer extends RecordDeserializer<TextResponse> {
  public TextResponseDeserializer() {
    this(WriterSchemas.NONE);
  }

  /**
   * @param writers where the schemas of later releases are
   */
  public TextResponseDeserializer(WriterSchemas writers) {
    super(TextResponse.class, Records.DEFAULT_MAXIMUM_BYTES, writers);
  }
}
