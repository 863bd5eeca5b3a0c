package io.antiphon.jobs;

import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.jobs.configuration.DataflowConfiguration;
import io.antiphon.jobs.configuration.KafkaConfiguration;
import io.antiphon.jobs.configuration.TranscriptionConfiguration;
import io.antiphon.operators.calls.CallDataflow;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.runtime.ModelHostSettings;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Real-time transcription of one or two channels, without answers: {@code flink run -c
 * io.antiphon.jobs.TranscriptionJob antiphon-jobs.jar --config transcription.yaml}. What is said
 * leaves as records of {@code call-segments}, redacted: the begin of an utterance while it goes on,
 * the whole when it is over.
 */
public final class TranscriptionJob {
  private TranscriptionJob() {}

  /**
   * @param arguments {@code --config FILE}
   * @throws io.antiphon.configuration.InvalidConfigurationException with every problem of the file
   */
  public static void main(String[] arguments) throws Exception {
    TranscriptionConfiguration configuration =
        TranscriptionConfiguration.read(
            Optional.of(JobArguments.configuration(arguments)), Map.of());
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    define(environment, configuration);
    environment.execute("antiphon-transcription");
  }

  /** Puts the job into the environment, with its settings of parallelism and checkpoints. */
  public static void define(
      StreamExecutionEnvironment environment, TranscriptionConfiguration configuration) {
    AgentDataflow.configure(environment, configuration.dataflow(), DataflowConfiguration.CALLS);
    environment.getConfig().enableObjectReuse();
    KafkaConfiguration kafka = configuration.kafka();
    TranscriptionConfiguration.Topics topics = configuration.topics();
    DataStream<InboundRecord> records =
        new TopicSources(environment, kafka).audioChunks(topics.audioChunks());
    CallDataflow.Outputs outputs;
    try {
      outputs =
          CallDataflow.build(
              records,
              "",
              configuration
                  .calls()
                  .callSettings(
                      ModelHostProvider.of(
                          configuration
                              .model()
                              .hostSettings()
                              .withParts(ModelHostSettings.Parts.TEXT)),
                      false)
                  .withTextsAlone());
    } catch (RuleSetException e) {
      throw new IllegalStateException("no rules were given", e);
    }
    AgentDataflow.live(outputs.segments(), kafka, topics.transcripts(), ResponseSchema::segmentKey)
        .uid("transcripts");
    AgentDataflow.live(
            outputs.deadLetters(), kafka, topics.deadLetters(), ResponseSchema::deadLetterKey)
        .uid("dead-letters");
  }
}
