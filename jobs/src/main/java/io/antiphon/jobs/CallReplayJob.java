package io.antiphon.jobs;

import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.jobs.configuration.CallReplayConfiguration;
import io.antiphon.jobs.configuration.KafkaConfiguration;
import io.antiphon.operators.calls.CallReplayDataflow;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Judges all calls that are over by other rules, without running the model again: {@code flink run
 * -c io.antiphon.jobs.CallReplayJob antiphon-jobs.jar --config call-replay.yaml}. Ends when all
 * that the topics hold at its start is read.
 */
public final class CallReplayJob {
  private CallReplayJob() {}

  /**
   * @param arguments {@code --config FILE}
   * @throws io.antiphon.configuration.InvalidConfigurationException with every problem of the file
   * @throws IllegalArgumentException with every problem of the rules
   */
  public static void main(String[] arguments) throws Exception {
    CallReplayConfiguration configuration =
        CallReplayConfiguration.read(Optional.of(JobArguments.configuration(arguments)), Map.of());
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    define(environment, configuration, Files.readString(configuration.rules()));
    environment.execute("antiphon-call-replay");
  }

  /**
   * Puts the job into the environment.
   *
   * @param rules as JSON
   * @throws IllegalArgumentException with every problem of the rules
   */
  public static void define(
      StreamExecutionEnvironment environment, CallReplayConfiguration configuration, String rules) {
    AgentDataflow.configure(environment, configuration.dataflow(), FeedbackJob.defaults());
    KafkaConfiguration kafka = configuration.kafka();
    CallReplayConfiguration.Topics topics = configuration.topics();
    TopicSources sources = new TopicSources(environment, kafka);
    CallReplayDataflow.Outputs outputs;
    try {
      outputs =
          CallReplayDataflow.build(
              sources.bounded(topics.callSegments(), "call-segments"),
              sources.bounded(topics.callSummaries(), "call-summaries"),
              rules,
              configuration.maximumRecordSize().toInt());
    } catch (RuleSetException e) {
      throw new IllegalArgumentException(
          "rules is " + configuration.rules() + ", which cannot be used:\n" + e.getMessage(), e);
    }
    AgentDataflow.live(
            outputs.summaries(), kafka, topics.replayedSummaries(), ResponseSchema::summaryKey)
        .uid("replayed-summaries");
    AgentDataflow.live(
            outputs.deadLetters(), kafka, topics.deadLetters(), ResponseSchema::deadLetterKey)
        .uid("dead-letters");
  }
}
