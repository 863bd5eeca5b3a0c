package io.antiphon.operators.input;

import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.schemas.DeadLetter;
import java.nio.ByteBuffer;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Makes dead letters. */
public final class DeadLetters {
  public static final OutputTag<DeadLetter> TAG =
      new OutputTag<>("dead-letters", AvroSerializers.DEAD_LETTER);

  private DeadLetters() {}

  /**
   * @param message shortened as a {@link Failure}'s
   * @param maximumBytes a larger value is left out, as is a key larger than a conversation id can
   *     be, so that the dead letter itself can be written; the place tells where they lie
   */
  public static DeadLetter of(InboundRecord record, String code, String message, int maximumBytes) {
    return new DeadLetter(
        record.topic(),
        record.partition(),
        record.offset(),
        bounded(record.key(), DecodeFunction.MAXIMUM_KEY_BYTES),
        bounded(record.value(), maximumBytes),
        code,
        Failure.shortened(message));
  }

  private static @Nullable ByteBuffer bounded(byte @Nullable [] bytes, int maximumBytes) {
    return bytes == null || bytes.length > maximumBytes ? null : ByteBuffer.wrap(bytes);
  }
}
