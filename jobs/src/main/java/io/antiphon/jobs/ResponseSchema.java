package io.antiphon.jobs;

import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.BoundedTurn;
import io.antiphon.serde.Records;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes a record under its conversation's key. A dead letter keeps the key that the record had,
 * which may be none.
 *
 * @param <T> the topic's record
 */
final class ResponseSchema<T extends SpecificRecord>
    implements KafkaRecordSerializationSchema<T>, KafkaDatasetFacetProvider {
  /** Half of what brokers and consumers take by default. */
  static final int MAXIMUM_COMPLETED_TURN_BYTES = Records.DEFAULT_MAXIMUM_BYTES / 2;

  private static final long serialVersionUID = 1L;

  private final String topic;
  private final KeyFunction<T> key;

  ResponseSchema(String topic, KeyFunction<T> key) {
    this.topic = topic;
    this.key = key;
  }

  /** Finds the key of a record. */
  @FunctionalInterface
  interface KeyFunction<T> extends Function<T, byte[]>, Serializable {}

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      T record, KafkaSinkContext context, Long timestamp) {
    // Without a timestamp of its own, so that the broker's clock counts.
    return new ProducerRecord<>(topic, key.apply(record), value(record));
  }

  /**
   * A completed turn holds what callers and tools sent, which together has no bound of its own; a
   * record that the broker refuses would restart the job for ever.
   */
  static byte[] value(SpecificRecord record) {
    SpecificRecord bounded =
        record instanceof CompletedTurn turn
            ? BoundedTurn.of(turn, MAXIMUM_COMPLETED_TURN_BYTES)
            : record;
    return Records.encode(bounded, Integer.MAX_VALUE);
  }

  /** Tells the exactly-once sink in which topic transactions of an earlier life may be open. */
  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic))));
  }

  static byte[] speechKey(SpeechResponse response) {
    return Records.key(response.getConversationId());
  }

  static byte[] textKey(TextResponse response) {
    return Records.key(response.getConversationId());
  }

  static byte[] completedKey(CompletedTurn turn) {
    return Records.key(turn.getConversationId());
  }

  static byte[] pairKey(PreferencePair pair) {
    return Records.key(pair.getConversationId());
  }

  static byte[] segmentKey(CallSegment segment) {
    return Records.key(segment.getConversationId());
  }

  static byte[] eventKey(CallEvent event) {
    return Records.key(event.getConversationId());
  }

  static byte[] metricsKey(CallMetrics metrics) {
    return Records.key(metrics.getConversationId());
  }

  static byte[] summaryKey(CallSummary summary) {
    return Records.key(summary.getConversationId());
  }

  static byte @Nullable [] deadLetterKey(DeadLetter letter) {
    ByteBuffer key = letter.getKey();
    if (key == null) {
      return null;
    }
    byte[] bytes = new byte[key.remaining()];
    key.duplicate().get(bytes);
    return bytes;
  }
}
