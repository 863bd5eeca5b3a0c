package io.antiphon.jobs;

import io.antiphon.operators.message.InboundRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Takes key and value as raw bytes with their place in Kafka: nothing here can fail, so no record
 * can stop the source.
 */
final class InboundRecordSchema implements KafkaRecordDeserializationSchema<InboundRecord> {
  private static final long serialVersionUID = 1L;

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<InboundRecord> out) {
    out.collect(
        new InboundRecord(
            record.topic(),
            record.partition(),
            record.offset(),
            record.timestamp(),
            record.key(),
            record.value()));
  }

  @Override
  public TypeInformation<InboundRecord> getProducedType() {
    return InboundRecord.TYPE;
  }
}
