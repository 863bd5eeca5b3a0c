package io.antiphon.operators;

import io.antiphon.schemas.DeadLetter;
import java.nio.ByteBuffer;
import org.apache.flink.util.OutputTag;

/** Makes dead letters. */
final class DeadLetters {
  static final OutputTag<DeadLetter> TAG =
      new OutputTag<>("dead-letters", AvroSerializers.DEAD_LETTER);

  private DeadLetters() {}

  /**
   * @param maximumBytes a larger key or value is left out, so that the dead letter itself can be
   *     written; the place tells where it lies
   */
  static DeadLetter of(InboundRecord record, String code, String message, int maximumBytes) {
    return new DeadLetter(
        record.topic(),
        record.partition(),
        record.offset(),
        bounded(record.key(), maximumBytes),
        bounded(record.value(), maximumBytes),
        code,
        message);
  }

  private static ByteBuffer bounded(byte[] bytes, int maximumBytes) {
    return bytes == null || bytes.length > maximumBytes ? null : ByteBuffer.wrap(bytes);
  }
}
