package io.antiphon.serde.kafka;

import io.antiphon.schemas.SpeechResponse;
import io.antiphon.serde.Records;

/** Values of the topic {@code speech-responses} for any Kafka consumer. */
public final class SpeechResponseDeserializer extends RecordDeserializer<SpeechResponse> {
  public SpeechResponseDeserializer() {
    super(SpeechResponse.class, Records.DEFAULT_MAXIMUM_BYTES);
  }
}
