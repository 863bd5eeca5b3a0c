package io.antiphon.serde.kafka;

import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.Records;

/** Values of the topic {@code text-responses} for any Kafka producer. */
public final class TextResponseSerializer extends RecordSerializer<TextResponse> {
  public TextResponseSerializer() {
    super(Records.DEFAULT_MAXIMUM_BYTES);
  }
}
