package io.antiphon.chaos.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/local/stop --clean} in a run folder that is not its own alone. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the scripts of deploy/local need Linux")
class StopScriptTest {
  @Test
  void cleaningDeletesOnlyWhatStartMade(@TempDir Path run) throws Exception {
    Files.createDirectories(run.resolve("kafka/topic-0"));
    Files.writeString(run.resolve("kafka/topic-0/log"), "records");
    Files.createDirectories(run.resolve("checkpoints"));
    Path own = Files.writeString(run.resolve("thesis.txt"), "years of work");

    String told = stop(run);

    assertThat(run.resolve("kafka")).doesNotExist();
    assertThat(run.resolve("checkpoints")).doesNotExist();
    assertThat(own).hasContent("years of work");
    assertThat(told).contains("holds files that start did not make; they stay");
  }

  @Test
  void aFolderWithNothingElseGoesAsAWhole(@TempDir Path parent) throws Exception {
    Path run = Files.createDirectories(parent.resolve("run"));
    Files.createDirectories(run.resolve("logs"));
    assertThat(stop(run)).isEmpty();
    assertThat(run).doesNotExist();
  }

  private static String stop(Path run) throws Exception {
    ProcessBuilder command =
        new ProcessBuilder(
            Path.of("../deploy/local/stop").toAbsolutePath().normalize().toString(), "--clean");
    command.environment().put("ANTIPHON_RUN", run.toString());
    Process process = command.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
