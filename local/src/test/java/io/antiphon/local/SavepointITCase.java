package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.client.Answer;
import io.antiphon.client.Caller;
import io.antiphon.client.ConversationClient;
import io.antiphon.client.Pace;
import io.antiphon.jobs.AgentDataflow;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TurnEnded;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are stopped with a savepoint while callers speak and listen, and go on from it. */
class SavepointITCase {
  private static final Path MODEL = Path.of("../models/nano");
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir static Path directory;
  private static EmbeddedKafka kafka;
  private static LocalFlink flink;
  private static AutoCloseable model;
  private static int topicSets;

  private AgentConfiguration configuration = configuration(1, MODEL, topicSets++);
  private LocalFlink.RunningJob job;

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start();
    flink = LocalFlink.start(2, new Configuration());
    // Loaded once for all jobs of these tests.
    model = ModelHosts.acquire(configuration(1, MODEL, 0).model().hostSettings());
  }

  @AfterAll
  static void stop() throws Exception {
    flink.close();
    model.close();
    kafka.close();
  }

  /**
   * @param topicSet topics and consumer group of one test
   */
  private static AgentConfiguration configuration(int parallelism, Path bundle, int topicSet) {
    Map<String, String> settings = new HashMap<>();
    settings.put("model.bundle", bundle.toString());
    settings.put("model.maximumLead", "1h");
    settings.put("model.admission.calibration", "0ms");
    settings.put("dataflow.parallelism", Integer.toString(parallelism));
    settings.put("dataflow.flink.execution.checkpointing.interval", "100ms");
    settings.put("dataflow.flink.restart-strategy.exponential-delay.initial-backoff", "50ms");
    settings.put("dataflow.flink.state.backend.type", topicSet % 2 == 0 ? "hashmap" : "rocksdb");
    settings.put("kafka.groupId", "group-" + topicSet);
    for (String topic :
        List.of(
            "audioChunks", "speechResponses", "textResponses", "completedTurns", "deadLetters")) {
      settings.put("topics." + topic, topic + "-" + topicSet);
    }
    AgentConfiguration read = AgentConfiguration.read(Optional.empty(), settings);
    return kafka == null ? read : read.withNewTopicsAt(kafka.bootstrapServers());
  }

  private void submit(Optional<String> savepoint) {
    StreamExecutionEnvironment environment = flink.environment();
    new AgentDataflow().define(environment, configuration);
    job = flink.submit(environment, "antiphon", PATIENCE, savepoint);
  }

  /** Stops the job and goes on from its savepoint. */
  private void resume(AgentConfiguration next) {
    String savepoint = job.stopWithSavepoint(directory);
    configuration = next;
    submit(Optional.of(savepoint));
  }

  private ConversationClient begin() {
    TopicCreator.create(configuration.kafka().clientProperties(), configuration.topics(), 1);
    submit(Optional.empty());
    return new ConversationClient(configuration.kafka().clientProperties(), configuration.topics());
  }

  private static Caller call(ConversationClient client, String conversation) {
    return new Caller(client, conversation, NanoService.start(Mode.SPEECH_TO_SPEECH), PATIENCE);
  }

  private static void speak(Caller caller, String sample) {
    caller.speak(Samples.recording(Samples.byId(sample)), Pace.IMMEDIATE);
  }

  /** Asks, and at the first piece of text does something else. */
  private static Answer ask(Caller caller, Runnable meanwhile) throws Exception {
    boolean[] done = {false};
    return caller.ask(
        new TurnEnded(),
        piece -> {
          if (!done[0]) {
            done[0] = true;
            meanwhile.run();
          }
        });
  }

  /** Two turns each of three conversations, while the job's parallelism changes. */
  private List<Answer> conversations(
      ConversationClient client, String prefix, Runnable first, Runnable second) throws Exception {
    List<Caller> callers = new ArrayList<>();
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      callers.add(call(client, prefix + i));
      speak(callers.get(i), "add");
    }
    for (int i = 0; i < 3; i++) {
      answers.add(ask(callers.get(i), i == 0 ? first : () -> {}));
      speak(callers.get(i), "capital");
    }
    for (int i = 0; i < 3; i++) {
      answers.add(ask(callers.get(i), i == 1 ? second : () -> {}));
      callers.get(i).close();
    }
    return answers;
  }

  private static <T> List<T> all(List<Answer> answers, Function<Answer, T> what) {
    return answers.stream().map(what).toList();
  }

  @Test
  void streamsAreTheSameAtAnyParallelism() throws Exception {
    int set = topicSets - 1;
    try (ConversationClient client = begin()) {
      List<Answer> undisturbed = conversations(client, "undisturbed", () -> {}, () -> {});
      List<Answer> rescaled =
          conversations(
              client,
              "rescaled",
              () -> resume(configuration(2, MODEL, set)),
              () -> resume(configuration(1, MODEL, set)));
      assertThat(configuration.dataflow().parallelism()).isEqualTo(1);
      assertThat(all(rescaled, Answer::turn)).isEqualTo(all(undisturbed, Answer::turn));
      assertThat(all(rescaled, Answer::text)).isEqualTo(all(undisturbed, Answer::text));
      assertThat(all(rescaled, Answer::usage)).isEqualTo(all(undisturbed, Answer::usage));
      for (int i = 0; i < rescaled.size(); i++) {
        assertThat(rescaled.get(i).speech()).isEqualTo(undisturbed.get(i).speech());
      }
    } finally {
      job.cancel();
    }
  }

  @Test
  void conversationsGoOnWithAnotherModel() throws Exception {
    int set = topicSets - 1;
    Path other = OtherBundles.retrained(MODEL, directory.resolve("retrained"));
    try (ConversationClient client = begin();
        Caller caller = call(client, "continued")) {
      speak(caller, "add");
      Answer before = ask(caller, () -> {});
      speak(caller, "add");
      Answer begun = ask(caller, () -> resume(configuration(1, other, set)));
      speak(caller, "add");
      Answer after = ask(caller, () -> {});
      assertThat(List.of(before.turn(), begun.turn(), after.turn())).containsExactly(0, 1, 2);
      assertThat(begun.speech()).isNotEmpty();
      // The other model's words, and those of the same model from the same beginning.
      assertThat(after.text()).isNotEqualTo(before.text());
      assertThat(after.usage().getPromptPositions())
          .isGreaterThan(begun.usage().getPromptPositions());
      assertThat(job.restarts()).isZero();
    } finally {
      job.cancel();
    }
  }

  @Test
  void aBundleOfAnotherArchitectureIsRefused() throws Exception {
    int set = topicSets - 1;
    Path other = OtherBundles.withOtherSize(MODEL, directory.resolve("larger"));
    try (ConversationClient client = begin()) {
      String savepoint = job.stopWithSavepoint(directory);
      configuration = configuration(1, other, set);
      assertThatThrownBy(() -> submit(Optional.of(savepoint)))
          .isInstanceOf(LocalServiceException.class)
          .hasMessageContaining("another architecture")
          .hasMessageContaining("detokenizer.samplesPerToken is 961, expected 960");
      client.check();
    }
  }
}
