package io.antiphon.jobs;

import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.jobs.configuration.DataflowConfiguration;
import io.antiphon.jobs.configuration.KafkaConfiguration;
import io.antiphon.jobs.configuration.TopicNames;
import io.antiphon.jobs.local.LocalService;
import io.antiphon.operators.Dataflow;
import io.antiphon.operators.InboundRecord;
import io.antiphon.operators.ModelHostProvider;
import io.antiphon.operators.OperatorSettings;
import io.antiphon.runtime.ModelHosts;
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
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/**
 * The whole dataflow: {@code audio-chunks} as raw bytes, the operators, three sinks.
 *
 * <p>All sinks are at least once: speech because a transaction would hold it back until the next
 * checkpoint; its records are recognisable by (conversation, turn, sequence), so is text.
 */
public final class AgentDataflow implements LocalService.DataflowDefinition {
  /** Above any dead letter, which holds a key and a value of the largest configurable size. */
  private static final int LARGEST_REQUEST = 32 << 20;

  /** The pause before a restart grows up to so many times the configured one. */
  private static final int LONGEST_DELAY = 20;

  /** What stands between the source and the sinks. */
  @FunctionalInterface
  interface Core {
    Dataflow.Outputs build(
        StreamExecutionEnvironment environment, DataStream<InboundRecord> records);
  }

  /**
   * Puts the dataflow into the environment, with its settings of parallelism, checkpoints and
   * restarts.
   */
  @Override
  public void define(StreamExecutionEnvironment environment, AgentConfiguration configuration) {
    OperatorSettings settings =
        configuration
            .conversations()
            .operatorSettings(ModelHostProvider.of(configuration.model().hostSettings()));
    define(
        environment, configuration, (target, records) -> Dataflow.build(target, records, settings));
  }

  /** The model host of this process, which the operators then join. */
  @Override
  public AutoCloseable load(AgentConfiguration configuration) {
    return ModelHosts.acquire(configuration.model().hostSettings());
  }

  /** The same around other operators. */
  static void define(
      StreamExecutionEnvironment environment, AgentConfiguration configuration, Core core) {
    configure(environment, configuration.dataflow());
    TopicNames topics = configuration.topics();
    DataStream<InboundRecord> records =
        environment
            .fromSource(
                source(configuration),
                WatermarkStrategy.noWatermarks(),
                topics.audioChunks(),
                InboundRecord.TYPE)
            .uid("audio-chunks");
    Dataflow.Outputs outputs = core.build(environment, records);
    KafkaConfiguration kafka = configuration.kafka();
    sink(outputs.speech(), kafka, topics.speechResponses(), ResponseSchema::speechKey)
        .uid("speech-responses");
    sink(outputs.text(), kafka, topics.textResponses(), ResponseSchema::textKey)
        .uid("text-responses");
    sink(outputs.deadLetters(), kafka, topics.deadLetters(), ResponseSchema::deadLetterKey)
        .uid("dead-letters");
  }

  private static void configure(
      StreamExecutionEnvironment environment, DataflowConfiguration dataflow) {
    environment.setParallelism(dataflow.parallelism());
    environment.setBufferTimeout(dataflow.bufferTimeout().toMillis());
    environment.enableCheckpointing(
        dataflow.checkpointInterval().toMillis(), CheckpointingMode.EXACTLY_ONCE);
    environment.getCheckpointConfig().setCheckpointTimeout(dataflow.checkpointTimeout().toMillis());
    // A failed checkpoint must not cut live conversations: the next one may succeed, and a restart
    // only goes back further. Flink counts and reports failed checkpoints for those who watch.
    environment.getCheckpointConfig().setTolerableCheckpointFailureNumber(Integer.MAX_VALUE);
    Configuration settings = new Configuration();
    dataflow
        .checkpointDirectory()
        .ifPresent(
            directory -> {
              settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
              settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory);
            });
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS,
        dataflow.restartAttempts());
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        dataflow.restartDelay());
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
        dataflow.restartDelay().multipliedBy(LONGEST_DELAY));
    // "In a row" ends when the job has run well for a minute.
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
        Duration.ofMinutes(1));
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

  private static <T extends SpecificRecord> DataStreamSink<T> sink(
      DataStream<T> stream,
      KafkaConfiguration kafka,
      String topic,
      ResponseSchema.KeyFunction<T> key) {
    Properties properties = kafka.clientProperties();
    // Kafka waits 5 ms for company by default; here every record is awaited by a caller.
    properties.setProperty("linger.ms", "0");
    properties.putIfAbsent("max.request.size", Integer.toString(LARGEST_REQUEST));
    properties.putIfAbsent("buffer.memory", Integer.toString(2 * LARGEST_REQUEST));
    KafkaSink<T> sink =
        KafkaSink.<T>builder()
            .setBootstrapServers(kafka.bootstrapServers())
            .setKafkaProducerConfig(properties)
            .setRecordSerializer(new ResponseSchema<>(topic, key))
            .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
            .build();
    return stream.sinkTo(sink).name(topic);
  }
}
