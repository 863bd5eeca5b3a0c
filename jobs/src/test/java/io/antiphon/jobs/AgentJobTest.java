package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.configuration.InvalidConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentJobTest {
  @Test
  void argumentsAreChecked() {
    assertThatThrownBy(() -> AgentJob.main(new String[] {"agent.yaml"}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the arguments are \"agent.yaml\"; expected --config FILE");
  }

  @Test
  void theConfigurationIsCheckedBeforeAnythingIsSubmitted(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("agent.yaml"), "model: {rows: 0}\n");
    assertThatThrownBy(() -> AgentJob.main(new String[] {"--config", file.toString()}))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("model.rows is 0");
  }
}
