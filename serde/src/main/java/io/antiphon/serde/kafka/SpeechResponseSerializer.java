package io.antiphon.serde.kafka;

import io.antiphon.schemas.SpeechResponse;
import io.antiphon.serde.Records;

/** Values of the topic {@code speech-responses} for any Kafka producer. */
public final class SpeechResponseSerializer extends RecordSerializer<SpeechResponse> {
  public SpeechResponseSerializer() {
    super(Records.DEFAULT_MAXIMUM_BYTES);
  }
}
