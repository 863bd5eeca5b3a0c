package io.antiphon.jobs;

import io.antiphon.jobs.configuration.DataflowConfiguration;
import io.antiphon.jobs.configuration.FeedbackConfiguration;
import io.antiphon.jobs.configuration.FeedbackTopicNames;
import io.antiphon.jobs.configuration.KafkaConfiguration;
import io.antiphon.operators.feedback.FeedbackDataflow;
import io.antiphon.operators.message.InboundRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * What people thought of answers becomes preference pairs: {@code flink run -c
 * io.antiphon.jobs.FeedbackJob antiphon-jobs.jar --config feedback.yaml}.
 *
 * <p>Event time is Kafka's timestamp, and both topics may rest. Pairs are written at least once.
 */
public final class FeedbackJob {
  /** How much later than others a partition's records may be read. */
  private static final Duration OUT_OF_ORDER = Duration.ofMinutes(1);

  private FeedbackJob() {}

  /**
   * @param arguments {@code --config FILE}
   * @throws io.antiphon.configuration.InvalidConfigurationException with every problem of the file
   */
  public static void main(String[] arguments) throws Exception {
    FeedbackConfiguration configuration =
        FeedbackConfiguration.read(Optional.of(JobArguments.configuration(arguments)), Map.of());
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    define(environment, configuration);
    environment.execute("antiphon-feedback");
  }

  /** Puts the job into the environment, with its settings of parallelism and checkpoints. */
  public static void define(
      StreamExecutionEnvironment environment, FeedbackConfiguration configuration) {
    AgentDataflow.configure(environment, configuration.dataflow(), defaults());
    KafkaConfiguration kafka = configuration.kafka();
    FeedbackTopicNames topics = configuration.topics();
    TopicSources sources = new TopicSources(environment, kafka);
    FeedbackDataflow.Outputs outputs =
        FeedbackDataflow.build(
            sources.live(topics.completedTurns(), "completed-turns", times()),
            sources.live(topics.feedback(), "feedback", times()),
            configuration.retention(),
            configuration.maximumRecordSize().toInt());
    AgentDataflow.live(outputs.pairs(), kafka, topics.preferencePairs(), ResponseSchema::pairKey)
        .uid("preference-pairs");
    AgentDataflow.live(
            outputs.deadLetters(), kafka, topics.deadLetters(), ResponseSchema::deadLetterKey)
        .uid("dead-letters");
  }

  /** Nobody waits for a pair: checkpoints are rarer, and the state of a day's turns is on disk. */
  static Map<String, String> defaults() {
    Map<String, String> defaults = new HashMap<>(DataflowConfiguration.LIVE);
    defaults.put(ExecutionOptions.BUFFER_TIMEOUT.key(), "100 ms");
    defaults.put(CheckpointingOptions.CHECKPOINTING_INTERVAL.key(), "10 s");
    defaults.put(StateBackendOptions.STATE_BACKEND.key(), "rocksdb");
    return defaults;
  }

  private static WatermarkStrategy<InboundRecord> times() {
    return WatermarkStrategy.<InboundRecord>forBoundedOutOfOrderness(OUT_OF_ORDER)
        .withTimestampAssigner((record, assigned) -> record.timestamp())
        .withIdleness(OUT_OF_ORDER);
  }
}
