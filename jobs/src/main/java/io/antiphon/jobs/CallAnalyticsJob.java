package io.antiphon.jobs;

import io.antiphon.jobs.configuration.CallAnalyticsConfiguration;
import io.antiphon.jobs.configuration.CallTopicNames;
import io.antiphon.jobs.configuration.DataflowConfiguration;
import io.antiphon.jobs.configuration.KafkaConfiguration;
import io.antiphon.operators.calls.CallDataflow;
import io.antiphon.operators.calls.CallSettings;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.runtime.ModelHostSettings;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Live call analytics: {@code flink run -c io.antiphon.jobs.CallAnalyticsJob antiphon-jobs.jar
 * --config call-analytics.yaml}.
 *
 * <p>Reads the same {@code audio-chunks} as the agent and needs nothing of it; where its {@code
 * completed-turns} are named, calls that it answers are calls of two. Segments, events and running
 * figures are written at least once, with ids; summaries exactly once, one for every call that
 * began.
 */
public final class CallAnalyticsJob {
  private CallAnalyticsJob() {}

  /**
   * @param arguments {@code --config FILE}
   * @throws io.antiphon.configuration.InvalidConfigurationException with every problem of the file
   */
  public static void main(String[] arguments) throws Exception {
    CallAnalyticsConfiguration configuration =
        CallAnalyticsConfiguration.read(
            Optional.of(JobArguments.configuration(arguments)), Map.of());
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    define(environment, configuration);
    environment.execute("antiphon-call-analytics");
  }

  /** Puts the job into the environment, with its settings of parallelism and checkpoints. */
  public static void define(
      StreamExecutionEnvironment environment, CallAnalyticsConfiguration configuration) {
    define(environment, configuration, records -> records);
  }

  /**
   * The same with something between the source and the operators.
   *
   * @param passed hands the records on
   */
  public static void define(
      StreamExecutionEnvironment environment,
      CallAnalyticsConfiguration configuration,
      UnaryOperator<DataStream<InboundRecord>> passed) {
    AgentDataflow.configure(environment, configuration.dataflow(), DataflowConfiguration.CALLS);
    configuration.kafka().requireTransactions(environment.getConfiguration());
    // Records are immutable: no defensive copies between chained operators.
    environment.getConfig().enableObjectReuse();
    KafkaConfiguration kafka = configuration.kafka();
    CallTopicNames topics = configuration.topics();
    TopicSources sources = new TopicSources(environment, kafka);
    DataStream<InboundRecord> records = sources.audioChunks(topics.audioChunks());
    if (topics.completedTurns().isPresent()) {
      records = records.union(sources.committed(topics.completedTurns().get(), "completed-turns"));
    }
    DataStream<InboundRecord> rules = sources.compacted(topics.analyticsRules(), "analytics-rules");
    CallSettings settings =
        configuration
            .calls()
            .callSettings(
                ModelHostProvider.of(
                    configuration.model().hostSettings().withParts(ModelHostSettings.Parts.TEXT)),
                topics.callSegmentsOriginal().isPresent())
            .answeredIn(topics.completedTurns().orElse(""));
    CallDataflow.Outputs outputs = CallDataflow.build(passed.apply(records), rules, settings);
    CallSinks.write(outputs, kafka, topics.outputs());
  }
}
