package io.antiphon.jobs.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.antiphon.configuration.ByteSize;
import io.antiphon.configuration.Durations;
import io.antiphon.configuration.InvalidConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationReaderTest {
  @TempDir private Path folder;

  @Test
  void defaultsAreWhole() {
    AgentConfiguration defaults = AgentConfiguration.defaults();
    assertThat(defaults.topics().all())
        .containsExactly(
            "audio-chunks",
            "speech-responses",
            "text-responses",
            "completed-turns",
            "dead-letters");
    assertThat(defaults.dataflow().flink()).isEmpty();
    assertThat(defaults.conversations().maximumRecordSize()).isEqualTo(new ByteSize(512 << 10));
    assertThat(defaults.model().hostSettings().rows()).isEqualTo(defaults.model().rows());
  }

  @Test
  void aFileHoldsOnlyWhatDiffersAndOverridesComeLast() {
    AgentConfiguration configuration =
        read(
            """
            kafka:
              bootstrapServers: "one:9092, two:9093"
              properties: {security.protocol: SSL}
            model:
              rows: 8
              maximumLead: 4s
            topics:
              completedTurns:
            dataflow:
              flink:
                execution.checkpointing.dir: s3://bucket/antiphon
            """,
            Map.of(
                "model.rows",
                "4",
                "conversations.idleTimeout",
                "30m",
                "dataflow.flink.state.backend.type",
                "rocksdb"));
    assertThat(configuration.kafka().bootstrapServers()).isEqualTo("one:9092, two:9093");
    assertThat(configuration.kafka().clientProperties()).containsEntry("security.protocol", "SSL");
    assertThat(configuration.model().rows()).isEqualTo(4);
    assertThat(configuration.model().maximumLead()).isEqualTo(Duration.ofSeconds(4));
    assertThat(configuration.conversations().idleTimeout()).isEqualTo(Duration.ofMinutes(30));
    assertThat(configuration.dataflow().flink())
        .containsOnly(
            Map.entry("execution.checkpointing.dir", "s3://bucket/antiphon"),
            Map.entry("state.backend.type", "rocksdb"));
    assertThat(configuration.topics().all())
        .containsExactly("audio-chunks", "speech-responses", "text-responses", "dead-letters");
  }

  @Test
  void allProblemsComeAtOnceWithSettingValueAndExpectation() {
    InvalidConfigurationException error =
        failure(
            """
            kafka:
              bootstrapServers: nowhere
              startingOffsets: middle
            topics:
              audioChunks: "audio chunks"
              textResponses: speech-responses
            model:
              device: gpu
              rows: 0
              rowz: 3
              positionsPerRow: many
              maximumLead: 3 parsecs
            conversations:
              idleTimeout: 10ms
              maximumRecordSize: 64MiB
            dataflow:
              parallelism: [1]
              flink:
                execution.checkpointing.interval: soon
                execution.checkpointing.intervall: 1 s
                taskmanager.numberOfTaskSlots: 4
                pipeline.object-reuse: false
                state.backend.rocksdb.thread.num: 4
            """);
    assertThat(error.problems())
        .containsExactlyInAnyOrder(
            "kafka.bootstrapServers is \"nowhere\"; expected host:port, more than one separated by commas",
            "kafka.startingOffsets is \"middle\"; expected one of earliest, latest",
            "topics.audioChunks is \"audio chunks\"; expected a Kafka topic name (letters, digits, dot, dash, underscore; at most 249)",
            "topics.textResponses is \"speech-responses\"; expected a name that no other topic has",
            "model.device is 'gpu', expected 'cpu' or 'cuda:N' such as 'cuda:0'",
            "model.rows is 0, expected 1 to 4096",
            "model.rowz is not a setting; did you mean rows?",
            "model.positionsPerRow is \"many\"; expected a whole number",
            "model.maximumLead is \"3 parsecs\"; expected a duration such as 5ms, 30s, 10m or 1h, at most 3650d",
            "conversations.idleTimeout is PT0.01S, expected PT1S to PT24H",
            "conversations.maximumRecordSize is \"67108864B\"; expected 1KiB to 8MiB",
            "dataflow.parallelism is \"[1]\"; expected a whole number",
            "dataflow.flink.execution.checkpointing.interval is \"soon\"; expected a value that Flink reads for this option",
            "dataflow.flink.execution.checkpointing.intervall is no option of a job; expected one of Flink's execution, pipeline, state and restart-strategy options; those of JobManager and TaskManager stand in the cluster's config.yaml",
            "dataflow.flink.taskmanager.numberOfTaskSlots is no option of a job; expected one of Flink's execution, pipeline, state and restart-strategy options; those of JobManager and TaskManager stand in the cluster's config.yaml",
            "dataflow.flink.pipeline.object-reuse is \"false\"; expected no value: messages are never copied");
    assertThat(error.getMessage()).startsWith("16 problems in ");
  }

  @Test
  void aTransactionMustOutliveACheckpoint() {
    assertThat(failure("kafka: {transactionTimeout: 1m}\n").problems())
        .containsExactly(
            "kafka.transactionTimeout is \"60000ms\"; expected more than Flink's checkpointing interval, checkpointing timeout and restart delay together (61500ms)");
    assertThat(
            read("kafka: {transactionTimeout: 1m}\ntopics: {completedTurns: }\n", Map.of())
                .topics()
                .completedTurns())
        .isEmpty();
  }

  @Test
  void unknownSectionsNameTheKnownOnes() {
    assertThat(failure("kafak: {groupId: x}\nmetrics: {}\n").problems())
        .containsExactlyInAnyOrder(
            "kafak is not a setting; did you mean kafka?",
            "metrics is not a setting; expected one of kafka, topics, model, conversations, dataflow");
  }

  @Test
  void aSectionMustBeAMapping() {
    assertThat(failure("model: 3\n").problems())
        .containsExactly("model is \"3\"; expected a mapping of settings");
  }

  @Test
  void overridesAreCheckedLikeTheFile() {
    assertThatThrownBy(
            () ->
                AgentConfiguration.read(
                    Optional.empty(), Map.of("model.row", "1", "kafka.groupId.x", "1")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("model.row is not a setting; did you mean rows?")
        .hasMessageContaining("kafka.groupId is ");
  }

  @Test
  void propertiesThatTheDataflowOwnsAreRefused() {
    assertThat(failure("kafka: {properties: {group.id: other}}\n").problems())
        .containsExactly(
            "kafka.properties is \"group.id\"; expected no property that the dataflow sets itself (kafka.bootstrapServers, kafka.groupId, kafka.transactionTimeout)");
  }

  @Test
  void filesThatAreNoYamlSayWhere() {
    assertThat(failure("model:\n  rows: 1\n  rows: 2\n").problems())
        .singleElement()
        .asString()
        .startsWith("line 3: Duplicate field");
    assertThat(failure("model: [1\n").problems())
        .singleElement()
        .asString()
        .contains("expected YAML");
    assertThat(failure("- 1\n").problems())
        .singleElement()
        .asString()
        .contains("expected sections");
    assertThat(read("", Map.of())).isEqualTo(AgentConfiguration.defaults());
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> AgentConfiguration.read(Optional.of(missing), Map.of()))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("does not exist");
  }

  @Test
  void durationsAndSizesAreReadAsPeopleWriteThem() {
    assertThat(Durations.parse("250us")).isEqualTo(Duration.ofNanos(250_000));
    assertThat(Durations.parse("5 ms")).isEqualTo(Duration.ofMillis(5));
    assertThat(Durations.parse("0")).isEqualTo(Duration.ZERO);
    assertThat(Durations.parse("2h")).isEqualTo(Duration.ofHours(2));
    assertThatThrownBy(() -> Durations.parse("5")).isInstanceOf(IllegalArgumentException.class);
    assertThat(ByteSize.parse("512").bytes()).isEqualTo(512);
    assertThat(ByteSize.parse("2 KiB").bytes()).isEqualTo(2048);
    assertThat(ByteSize.parse("1GiB").bytes()).isEqualTo(1L << 30);
    assertThatThrownBy(() -> ByteSize.parse("1MB")).isInstanceOf(IllegalArgumentException.class);
  }

  private AgentConfiguration read(String yaml, Map<String, String> overrides) {
    try {
      Path file = folder.resolve("agent.yaml");
      Files.writeString(file, yaml);
      return AgentConfiguration.read(Optional.of(file), overrides);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private InvalidConfigurationException failure(String yaml) {
    return catchThrowableOfType(InvalidConfigurationException.class, () -> read(yaml, Map.of()));
  }

  @Test
  void propertiesOfTheClientsAreSetByTheirDottedNames() {
    AgentConfiguration configuration =
        read(
            "",
            Map.of(
                "kafka.properties.sasl.jaas.config", "Login required password=\"secret\";",
                "kafka.properties.security.protocol", "SASL_SSL"));
    assertThat(configuration.kafka().properties())
        .containsOnly(
            Map.entry("sasl.jaas.config", "Login required password=\"secret\";"),
            Map.entry("security.protocol", "SASL_SSL"));
  }

  @Test
  void aMappingHoldsOnlyWhatDiffersAsWell() {
    FeedbackConfiguration configuration =
        FeedbackConfiguration.read(
            Optional.empty(), Map.of("kafka.properties.security.protocol", "SSL"));
    assertThat(configuration.kafka().properties())
        .containsOnly(
            Map.entry("security.protocol", "SSL"), Map.entry("isolation.level", "read_committed"));
  }

  @Test
  void noMessageTellsASecret() {
    assertThat(failure("kafka: {properties: {sasl: {jaas: {config: secret}}}}\n").problems())
        .containsExactly("kafka.properties cannot be read; expected a mapping of names to values");
  }

  @Test
  void durationsThatOverflowAreRefused() {
    assertThat(
            failure("conversations: {idleTimeout: 999999999999d, maximumTurn: 4000d}\n").problems())
        .containsExactlyInAnyOrder(
            "conversations.idleTimeout is \"999999999999d\"; expected a duration such as 5ms, 30s, 10m or 1h, at most 3650d",
            "conversations.maximumTurn is \"4000d\"; expected a duration such as 5ms, 30s, 10m or 1h, at most 3650d");
    // Flink's own durations: what it cannot read is told, what it can read and not add as well.
    assertThat(
            failure(
                    "dataflow: {flink: {execution.checkpointing.timeout: 99999999999999999999 d}}\n")
                .problems())
        .containsExactly(
            "dataflow.flink.execution.checkpointing.timeout is \"99999999999999999999 d\"; expected a value that Flink reads for this option");
  }
}
