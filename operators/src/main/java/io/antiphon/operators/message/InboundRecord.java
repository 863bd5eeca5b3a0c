package io.antiphon.operators.message;

import io.antiphon.operators.state.SerializedType;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.jspecify.annotations.Nullable;

/**
 * A record of {@code audio-chunks} as it lies in Kafka, not yet looked at.
 *
 * @param timestamp Kafka's, in milliseconds since the epoch
 * @param key raw bytes, null when there are none
 * @param value raw bytes, null when there are none
 */
@SuppressWarnings("ArrayRecordComponent") // handed through, never compared
public record InboundRecord(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte @Nullable [] key,
    byte @Nullable [] value) {

  /** Flink's type of it, for sources. */
  public static final TypeInformation<InboundRecord> TYPE =
      new SerializedType<>(InboundRecord.class, new InboundRecordSerializer());

  /** Where it lies, for messages. */
  String place() {
    return topic + "-" + partition + " offset " + offset;
  }
}
