package io.antiphon.jobs;

import io.antiphon.jobs.configuration.KafkaConfiguration;
import io.antiphon.operators.message.InboundRecord;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/**
 * The topics that jobs read, as streams of raw records. A stream's uid is the part that the topic
 * plays, never its name: a savepoint outlives another name in the configuration.
 */
final class TopicSources {
  private final StreamExecutionEnvironment environment;
  private final KafkaConfiguration kafka;

  TopicSources(StreamExecutionEnvironment environment, KafkaConfiguration kafka) {
    this.environment = environment;
    this.kafka = kafka;
  }

  /** What callers send. */
  DataStream<InboundRecord> audioChunks(String topic) {
    return live(topic, "audio-chunks", WatermarkStrategy.noWatermarks());
  }

  /** From where the consumer group stands on. */
  DataStream<InboundRecord> live(String topic, String uid, WatermarkStrategy<InboundRecord> times) {
    return stream(source(topic, groupOffsets()).build(), topic, uid, times);
  }

  /** The same of a topic that is written in transactions: what was committed, once. */
  DataStream<InboundRecord> committed(String topic, String uid) {
    return stream(
        source(topic, groupOffsets()).setProperty("isolation.level", "read_committed").build(),
        topic,
        uid,
        WatermarkStrategy.noWatermarks());
  }

  private OffsetsInitializer groupOffsets() {
    return OffsetsInitializer.committedOffsets(
        kafka.startingOffsets() == KafkaConfiguration.StartingOffsets.EARLIEST
            ? OffsetResetStrategy.EARLIEST
            : OffsetResetStrategy.LATEST);
  }

  /** A compacted topic: all of it, whatever was read before. */
  DataStream<InboundRecord> compacted(String topic, String uid) {
    return stream(
        source(topic, OffsetsInitializer.earliest()).build(),
        topic,
        uid,
        WatermarkStrategy.noWatermarks());
  }

  /** All that a topic holds now; the stream ends there. */
  DataStream<InboundRecord> bounded(String topic, String uid) {
    return stream(
        source(topic, OffsetsInitializer.earliest())
            .setBounded(OffsetsInitializer.latest())
            .build(),
        topic,
        uid,
        WatermarkStrategy.noWatermarks());
  }

  private DataStream<InboundRecord> stream(
      KafkaSource<InboundRecord> source,
      String topic,
      String uid,
      WatermarkStrategy<InboundRecord> times) {
    return environment.fromSource(source, times, topic, InboundRecord.TYPE).uid(uid);
  }

  private KafkaSourceBuilder<InboundRecord> source(String topic, OffsetsInitializer first) {
    return KafkaSource.<InboundRecord>builder()
        .setBootstrapServers(kafka.bootstrapServers())
        .setGroupId(kafka.groupId())
        .setTopics(topic)
        .setStartingOffsets(first)
        .setDeserializer(new InboundRecordSchema())
        .setProperties(kafka.clientProperties())
        .setProperty("fetch.max.wait.ms", "100")
        .setProperty(
            "partition.discovery.interval.ms", Long.toString(Duration.ofMinutes(1).toMillis()));
  }
}
