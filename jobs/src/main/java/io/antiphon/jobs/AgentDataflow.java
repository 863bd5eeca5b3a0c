package io.antiphon.jobs;

import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.jobs.configuration.DataflowConfiguration;
import io.antiphon.jobs.configuration.KafkaConfiguration;
import io.antiphon.operators.Dataflow;
import io.antiphon.operators.InboundRecord;
import io.antiphon.operators.ModelHostProvider;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import java.time.Duration;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/**
 * The whole dataflow: {@code audio-chunks} as raw bytes, the operators, three sinks.
 *
 * <p>All sinks are at least once: speech because a transaction would hold it back until the next
 * checkpoint; its records are recognisable by (conversation, turn, sequence), so is text.
 */
public final class AgentDataflow {
  /** Dead letters carry whole records that were too large for anything else. */
  private static final int LARGEST_REQUEST = 32 << 20;

  private AgentDataflow() {}

  /**
   * Puts the dataflow into the environment, with its settings of parallelism, checkpoints and
   * restarts.
   */
  public static void define(
      StreamExecutionEnvironment environment, AgentConfiguration configuration) {
    configure(environment, configuration.dataflow());
    DataStream<InboundRecord> records =
        environment
            .fromSource(
                source(configuration),
                WatermarkStrategy.noWatermarks(),
                configuration.topics().audioChunks(),
                InboundRecord.TYPE)
            .uid("audio-chunks");
    Dataflow.Outputs outputs =
        Dataflow.build(
            environment,
            records,
            configuration
                .conversations()
                .operatorSettings(ModelHostProvider.of(configuration.model().hostSettings())));
    KafkaConfiguration kafka = configuration.kafka();
    outputs
        .speech()
        .sinkTo(
            sink(
                kafka,
                new ResponseSchema<SpeechResponse>(
                    configuration.topics().speechResponses(), ResponseSchema::speechKey)))
        .name("speech-responses")
        .uid("speech-responses");
    outputs
        .text()
        .sinkTo(
            sink(
                kafka,
                new ResponseSchema<TextResponse>(
                    configuration.topics().textResponses(), ResponseSchema::textKey)))
        .name("text-responses")
        .uid("text-responses");
    outputs
        .deadLetters()
        .sinkTo(
            sink(
                kafka,
                new ResponseSchema<DeadLetter>(
                    configuration.topics().deadLetters(), ResponseSchema::deadLetterKey)))
        .name("dead-letters")
        .uid("dead-letters");
  }

  private static void configure(
      StreamExecutionEnvironment environment, DataflowConfiguration dataflow) {
    environment.setParallelism(dataflow.parallelism());
    environment.setBufferTimeout(dataflow.bufferTimeout().toMillis());
    environment.enableCheckpointing(
        dataflow.checkpointInterval().toMillis(), CheckpointingMode.EXACTLY_ONCE);
    environment.getCheckpointConfig().setCheckpointTimeout(dataflow.checkpointTimeout().toMillis());
    Configuration settings = new Configuration();
    dataflow
        .checkpointDirectory()
        .ifPresent(
            directory -> {
              settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
              settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory);
            });
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, dataflow.restartAttempts());
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, dataflow.restartDelay());
    environment.configure(settings);
  }

  private static KafkaSource<InboundRecord> source(AgentConfiguration configuration) {
    KafkaConfiguration kafka = configuration.kafka();
    OffsetResetStrategy first =
        kafka.startingOffsets() == KafkaConfiguration.StartingOffsets.EARLIEST
            ? OffsetResetStrategy.EARLIEST
            : OffsetResetStrategy.LATEST;
    return KafkaSource.<InboundRecord>builder()
        .setBootstrapServers(kafka.bootstrapServers())
        .setGroupId(kafka.groupId())
        .setTopics(configuration.topics().audioChunks())
        .setStartingOffsets(OffsetsInitializer.committedOffsets(first))
        .setDeserializer(new InboundRecordSchema())
        .setProperties(kafka.clientProperties())
        .setProperty("fetch.max.wait.ms", "100")
        .setProperty(
            "partition.discovery.interval.ms", Long.toString(Duration.ofMinutes(1).toMillis()))
        .build();
  }

  private static <T extends SpecificRecord> KafkaSink<T> sink(
      KafkaConfiguration kafka, ResponseSchema<T> schema) {
    Properties properties = kafka.clientProperties();
    // Kafka waits 5 ms for company by default; here every record is awaited by a caller.
    properties.setProperty("linger.ms", "0");
    properties.putIfAbsent("max.request.size", Integer.toString(LARGEST_REQUEST));
    properties.putIfAbsent("buffer.memory", Integer.toString(2 * LARGEST_REQUEST));
    return KafkaSink.<T>builder()
        .setBootstrapServers(kafka.bootstrapServers())
        .setKafkaProducerConfig(properties)
        .setRecordSerializer(schema)
        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
        .build();
  }
}
