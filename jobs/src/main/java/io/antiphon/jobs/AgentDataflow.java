package io.antiphon.jobs;

import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.jobs.configuration.DataflowConfiguration;
import io.antiphon.jobs.configuration.KafkaConfiguration;
import io.antiphon.operators.Dataflow;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.serde.kafka.TopicNames;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole dataflow: {@code audio-chunks} as raw bytes, the operators, the sinks.
 *
 * <p>What is live is written at least once, because a transaction would hold it back until the next
 * checkpoint; its records are recognisable by (conversation, turn, sequence). Completed turns are
 * written exactly once.
 */
public final class AgentDataflow implements DataflowDefinition {
  /** Above any dead letter, which holds a key and a value of the largest configurable size. */
  private static final int LARGEST_REQUEST = 32 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(AgentDataflow.class);

  /** What stands between the source and the sinks. */
  @FunctionalInterface
  public interface Core {
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
  public static void define(
      StreamExecutionEnvironment environment, AgentConfiguration configuration, Core core) {
    configure(environment, configuration.dataflow());
    if (configuration.topics().completedTurns().isPresent()) {
      configuration.kafka().requireTransactions(environment.getConfiguration());
    }
    TopicNames topics = configuration.topics();
    DataStream<InboundRecord> records =
        new TopicSources(environment, configuration.kafka()).audioChunks(topics.audioChunks());
    Dataflow.Outputs outputs = core.build(environment, records);
    KafkaConfiguration kafka = configuration.kafka();
    live(outputs.speech(), kafka, topics.speechResponses(), ResponseSchema::speechKey)
        .uid("speech-responses");
    live(outputs.text(), kafka, topics.textResponses(), ResponseSchema::textKey)
        .uid("text-responses");
    topics
        .completedTurns()
        .ifPresent(
            topic ->
                exactlyOnce(
                        outputs.completedTurns(),
                        kafka,
                        topic,
                        ResponseSchema::completedKey,
                        "completed-turns-chain")
                    .uid("completed-turns"));
    live(outputs.deadLetters(), kafka, topics.deadLetters(), ResponseSchema::deadLetterKey)
        .uid("dead-letters");
  }

  /** Parallelism, checkpoints and restarts of a job with live conversations. */
  static void configure(StreamExecutionEnvironment environment, DataflowConfiguration dataflow) {
    configure(environment, dataflow, DataflowConfiguration.LIVE);
  }

  /**
   * Parallelism, and Flink's own options.
   *
   * @param defaults of options that neither the job's settings nor the cluster give
   */
  static void configure(
      StreamExecutionEnvironment environment,
      DataflowConfiguration dataflow,
      Map<String, String> defaults) {
    environment.setParallelism(dataflow.parallelism());
    environment.setMaxParallelism(dataflow.maximumParallelism());
    environment.configure(dataflow.options(defaults, environment.getConfiguration()));
    environment
        .getCheckpointConfig()
        .setCheckpointingConsistencyMode(CheckpointingMode.EXACTLY_ONCE);
    if (environment
        .getConfiguration()
        .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
        .isEmpty()) {
      LOG.warn(
          "Flink's {} is neither in dataflow.flink nor in the cluster's configuration: checkpoints"
              + " stay in the JobManager's memory, fail above 5 MiB a subtask and operator, and are"
              + " gone with the JobManager",
          CheckpointingOptions.CHECKPOINTS_DIRECTORY.key());
    }
  }

  /** At least once, as soon as it is there. */
  static <T extends SpecificRecord> DataStreamSink<T> live(
      DataStream<T> stream,
      KafkaConfiguration kafka,
      String topic,
      ResponseSchema.KeyFunction<T> key) {
    Properties properties = producer(kafka);
    // Kafka waits 5 ms for company by default; here every record is awaited by a caller.
    properties.setProperty("linger.ms", "0");
    KafkaSink<T> sink =
        sink(kafka, topic, key, properties)
            .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
            .build();
    return stream.sinkTo(sink).name(topic);
  }

  /**
   * In a chain of its own: a transaction's commit waits for the broker, and live speech must not
   * wait with it. Writer and committer stay together: with pooled names the committer tells the
   * writer within the process which ones are free again.
   *
   * @param chainUid uid of the chain's head, by which savepoints know it
   */
  static <T extends SpecificRecord> DataStreamSink<T> exactlyOnce(
      DataStream<T> stream,
      KafkaConfiguration kafka,
      String topic,
      ResponseSchema.KeyFunction<T> key,
      String chainUid) {
    Properties properties = producer(kafka);
    properties.setProperty(
        "transaction.timeout.ms", Long.toString(kafka.transactionTimeout().toMillis()));
    KafkaSink<T> sink =
        sink(kafka, topic, key, properties)
            .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
            // Names are used again, so that the broker need not remember one for each checkpoint.
            .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
            .setTransactionalIdPrefix(kafka.groupId() + "-" + topic)
            .build();
    return stream
        .filter(record -> true)
        .name("to " + topic)
        .uid(chainUid)
        .startNewChain()
        .sinkTo(new ExactlyOnceKafkaSink<>(sink))
        .name(topic);
  }

  private static Properties producer(KafkaConfiguration kafka) {
    Properties properties = kafka.clientProperties();
    properties.putIfAbsent("max.request.size", Integer.toString(LARGEST_REQUEST));
    properties.putIfAbsent("buffer.memory", Integer.toString(2 * LARGEST_REQUEST));
    return properties;
  }

  private static <T extends SpecificRecord> KafkaSinkBuilder<T> sink(
      KafkaConfiguration kafka,
      String topic,
      ResponseSchema.KeyFunction<T> key,
      Properties properties) {
    return KafkaSink.<T>builder()
        .setBootstrapServers(kafka.bootstrapServers())
        .setKafkaProducerConfig(properties)
        .setRecordSerializer(new ResponseSchema<>(topic, key));
  }
}
