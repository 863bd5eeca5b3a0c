package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.jobs.configuration.FeedbackConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedbackJobTest {
  @Test
  void argumentsAreChecked() {
    assertThatThrownBy(() -> FeedbackJob.main(new String[] {"feedback.yaml"}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the arguments are \"feedback.yaml\"; expected --config FILE");
  }

  @Test
  void everyProblemOfTheConfigurationIsTold(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("feedback.yaml"),
            "topics: {feedback: completed-turns, preferencePairs: 'a b'}\nretention: 0ms\n");
    assertThatThrownBy(() -> FeedbackJob.main(new String[] {"--config", file.toString()}))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("topics.feedback is \"completed-turns\"")
        .hasMessageContaining("topics.preferencePairs is \"a b\"")
        .hasMessageContaining("retention is \"0ms\"");
  }

  @Test
  void everyOperatorHasAUidSoThatItsStateIsFoundAgainWhateverItsTopicIsCalled() {
    FeedbackConfiguration configuration =
        FeedbackConfiguration.read(
            Optional.empty(),
            Map.of(
                "topics.completedTurns", "turns-2",
                "topics.feedback", "feedback-2",
                "topics.preferencePairs", "pairs-2",
                "topics.deadLetters", "dead-2"));
    assertThat(configuration.retention()).isEqualTo(Duration.ofHours(24));
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    FeedbackJob.define(environment, configuration);
    assertThat(environment.getStreamGraph(false).getStreamNodes())
        .extracting(StreamNode::getTransformationUID)
        .filteredOn(uid -> uid != null)
        .contains(
            "completed-turns",
            "feedback",
            "antiphon-check-turns",
            "antiphon-check-feedback",
            "antiphon-preference-pairs",
            "preference-pairs",
            "dead-letters")
        .noneMatch(uid -> uid.contains("-2"));
  }
}
