package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.jobs.configuration.CallAnalyticsConfiguration;
import io.antiphon.jobs.configuration.CallReplayConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallAnalyticsJobTest {
  @Test
  void argumentsAreChecked() {
    assertThatThrownBy(() -> CallAnalyticsJob.main(new String[] {"call-analytics.yaml"}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the arguments are \"call-analytics.yaml\"; expected --config FILE");
  }

  @Test
  void everyProblemOfTheConfigurationIsTold(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("call-analytics.yaml"),
            """
            topics: {callEvents: call-segments}
            calls: {idleTimeout: 1ms, maximumPendingWork: 0, metricsInterval: 1500ms, partialInterval: 1m}
            kafka: {transactionTimeout: 10s}
            model: {rows: 0}
            surprise: 1
            """);
    assertThatThrownBy(() -> CallAnalyticsJob.main(new String[] {"--config", file.toString()}))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("topics.callEvents is \"call-segments\"")
        .hasMessageContaining("idleTimeout is PT0.001S")
        .hasMessageContaining("maximumPendingWork is 0")
        .hasMessageContaining("metricsInterval is \"PT1.5S\"")
        .hasMessageContaining("partialInterval is \"PT1M\"")
        .hasMessageContaining("rows is 0")
        .hasMessageContaining("surprise");
  }

  @Test
  void aReplayIsRefusedWithEveryProblemOfItsRules() {
    CallReplayConfiguration configuration =
        CallReplayConfiguration.read(Optional.empty(), Map.of());
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    assertThatThrownBy(() -> CallReplayJob.define(environment, configuration, "{\"a\":1}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rules is rules.json, which cannot be used")
        .hasMessageContaining("unknown member \"a\"")
        .hasMessageContaining("categories is missing");
  }

  @Test
  void everyOperatorHasAUidSoThatItsStateIsFoundAgain() {
    CallAnalyticsConfiguration configuration =
        CallAnalyticsConfiguration.read(Optional.empty(), Map.of());
    assertThat(configuration.calls().idleTimeout()).isEqualTo(Duration.ofMinutes(10));
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    CallAnalyticsJob.define(environment, configuration);
    assertThat(environment.getStreamGraph(false).getStreamNodes())
        .extracting(StreamNode::getTransformationUID)
        .contains(
            "audio-chunks",
            "analytics-rules",
            "antiphon-call-rules",
            "antiphon-calls",
            "call-segments",
            "call-events",
            "call-metrics",
            "call-summaries-chain",
            "call-summaries",
            "dead-letters")
        .doesNotContain("call-segments-original");
    assertThat(environment.getStreamGraph(false).getJobGraph().getVertices())
        .as("decoding, rules and calls are one chain")
        .anySatisfy(
            vertex -> assertThat(vertex.getName()).startsWith("rules -> calls -> (call-segments"));
    StreamExecutionEnvironment unmasked = StreamExecutionEnvironment.getExecutionEnvironment();
    CallAnalyticsJob.define(
        unmasked,
        CallAnalyticsConfiguration.read(
            Optional.empty(), Map.of("topics.callSegmentsOriginal", "call-segments-original")));
    assertThat(unmasked.getStreamGraph(false).getStreamNodes())
        .extracting(StreamNode::getTransformationUID)
        .contains("call-segments-original");
    StreamExecutionEnvironment answered = StreamExecutionEnvironment.getExecutionEnvironment();
    CallAnalyticsJob.define(
        answered,
        CallAnalyticsConfiguration.read(
            Optional.empty(), Map.of("topics.completedTurns", "completed-turns")));
    assertThat(answered.getStreamGraph(false).getStreamNodes())
        .extracting(StreamNode::getTransformationUID)
        .contains("completed-turns");
    assertThat(answered.getStreamGraph(false).getJobGraph().getVertices())
        .as("still one chain")
        .anySatisfy(
            vertex -> assertThat(vertex.getName()).startsWith("rules -> calls -> (call-segments"));
  }
}
