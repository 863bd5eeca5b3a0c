package io.antiphon.serde.kafka;

import io.antiphon.schemas.SpeechResponse;
import io.antiphon.serde.Records;
import io.antiphon.serde.WriterSchemas;

/** Values of the topic {@code speech-responses} for any Kafka consumer. */
public final class SpeechResponseDeserializer extends RecordDeserializer<SpeechResponse> {
  public SpeechResponseDeserializer() {
    this(WriterSchemas.NONE);
  }

  /**
   * @param writers where the schemas of later releases are
   */
  public SpeechResponseDeserializer(WriterSchemas writers) {
    super(SpeechResponse.class, Records.DEFAULT_MAXIMUM_BYTES, writers);
  }
}
