package io.antiphon.serde.kafka;

import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.Records;

/** Values of the topic {@code text-responses} for any Kafka consumer. */
public final class TextResponseDeserializer extends RecordDeserializer<TextResponse> {
  public TextResponseDeserializer() {
    super(TextResponse.class, Records.DEFAULT_MAXIMUM_BYTES);
  }
}
