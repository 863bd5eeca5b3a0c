package io.antiphon.jobs;

import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.jobs.configuration.DataflowConfiguration;
import io.antiphon.jobs.configuration.RecordingsConfiguration;
import io.antiphon.operators.calls.CallDataflow;
import io.antiphon.operators.calls.CallSettings;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.runtime.ModelHostSettings;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.enumerate.DefaultFileFilter;
import org.apache.flink.connector.file.src.enumerate.FileEnumerator;
import org.apache.flink.connector.file.src.enumerate.NonSplittingRecursiveEnumerator;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Call analytics over folders of recordings: {@code flink run -c io.antiphon.jobs.RecordingsJob
 * antiphon-jobs.jar --config recordings.yaml}. Each file becomes the records of a live call, so
 * that what is told of it is what a live call of the same sound has. Ends with the last recording,
 * unless it watches the folders. A recording that cannot be read becomes a dead letter.
 */
public final class RecordingsJob {
  private RecordingsJob() {}

  /** Tells what can be heard from what cannot be read. */
  private static final class Readable
      extends ProcessFunction<Tuple2<InboundRecord, String>, InboundRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public void processElement(
        Tuple2<InboundRecord, String> read, Context context, Collector<InboundRecord> out) {
      if (read.f1.isEmpty()) {
        out.collect(read.f0);
      } else {
        context.output(
            DeadLetters.TAG, DeadLetters.of(read.f0, FailureCodes.MALFORMED_AUDIO, read.f1, 0));
      }
    }
  }

  /** All files in the folders but hidden ones and sidecars. */
  static FileEnumerator enumerator() {
    DefaultFileFilter shown = new DefaultFileFilter();
    return new NonSplittingRecursiveEnumerator(
        path -> shown.test(path) && !path.getName().endsWith(RecordingSidecar.EXTENSION));
  }

  /**
   * @param arguments {@code --config FILE}
   * @throws io.antiphon.configuration.InvalidConfigurationException with every problem of the file
   * @throws IllegalArgumentException with every problem of the rules
   */
  public static void main(String[] arguments) throws Exception {
    RecordingsConfiguration configuration =
        RecordingsConfiguration.read(Optional.of(JobArguments.configuration(arguments)), Map.of());
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    Optional<java.nio.file.Path> rules = configuration.recordings().rules();
    define(environment, configuration, rules.isEmpty() ? "" : Files.readString(rules.get()));
    environment.execute("antiphon-recordings");
  }

  /**
   * Puts the job into the environment.
   *
   * @param rules as JSON; empty for none
   * @throws IllegalArgumentException with every problem of the rules
   */
  public static void define(
      StreamExecutionEnvironment environment, RecordingsConfiguration configuration, String rules) {
    AgentDataflow.configure(environment, configuration.dataflow(), DataflowConfiguration.CALLS);
    configuration.kafka().requireTransactions(environment.getConfiguration());
    environment.getConfig().enableObjectReuse();
    RecordingsConfiguration.Recordings recordings = configuration.recordings();
    List<String> folders = recordings.folders();
    FileSource.FileSourceBuilder<Tuple2<InboundRecord, String>> source =
        FileSource.forBulkFileFormat(
                new RecordedCallFormat(folders, recordings.channels()),
                folders.stream().map(Path::new).toArray(Path[]::new))
            .setFileEnumerator(RecordingsJob::enumerator);
    if (!recordings.watch().isZero()) {
      source.monitorContinuously(recordings.watch());
    }
    SingleOutputStreamOperator<InboundRecord> records =
        environment
            .fromSource(source.build(), WatermarkStrategy.noWatermarks(), "recordings")
            .uid("recordings")
            .process(new Readable(), InboundRecord.TYPE)
            .name("readable")
            .uid("readable");
    CallSettings settings =
        configuration
            .calls()
            .callSettings(
                ModelHostProvider.of(
                    configuration.model().hostSettings().withParts(ModelHostSettings.Parts.TEXT)),
                configuration.topics().callSegmentsOriginal().isPresent());
    CallDataflow.Outputs outputs;
    try {
      outputs = CallDataflow.build(records, rules, settings);
    } catch (RuleSetException e) {
      throw new IllegalArgumentException("recordings.rules cannot be used:\n" + e.getMessage(), e);
    }
    CallSinks.write(
        outputs.withDeadLetters(
            outputs.deadLetters().union(records.getSideOutput(DeadLetters.TAG))),
        configuration.kafka(),
        configuration.topics());
  }
}
