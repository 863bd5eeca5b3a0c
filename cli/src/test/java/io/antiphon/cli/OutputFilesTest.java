package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where results cannot go is told before broker, cluster and model are started. */
class OutputFilesTest {
  @TempDir private Path folder;

  /** In /proc nobody can write, whatever rights this process has. */
  @Test
  void aFolderWithoutRightsIsRefusedByEveryCommand() throws IOException {
    Path manifest =
        Files.writeString(
            folder.resolve("manifest.jsonl"),
            """
            {"id": "a", "audio": "capital.wav"}
            """);
    Path recording =
        Files.copy(Path.of("..", "samples", "capital.wav"), folder.resolve("capital.wav"));
    refused(
        Execution.of("talk", "--text", "x", "--out", "/proc/answer.wav"),
        "--out: nothing can be written into /proc");
    refused(
        Execution.of("evaluate", manifest.toString(), "--out", "/proc/results"),
        "--out: /proc/results/speech cannot be made");
    refused(
        Execution.of("analyze", recording.toString(), "--out", "/proc/results"),
        "--out: /proc/results cannot be made");
  }

  /** A limit on the size of files ends every write as a full disk does. */
  @Test
  void aDiskWithoutRoomIsToldAtOnce() throws Exception {
    Path answer = folder.resolve("answer.wav");
    refused(limited("talk", "--text", "x", "--out", answer.toString()), "nothing can be written");
    assertThat(answer).doesNotExist();
    assertThat(folder).isEmptyDirectory();
  }

  private static void refused(Execution execution, String message) {
    assertThat(execution.err()).contains(message).doesNotContain("\tat ");
    assertThat(execution.code()).isEqualTo(CommandRunner.USAGE);
  }

  /** Runs a command in a process that may write files of 4 KiB at most. */
  private Execution limited(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                "ulimit -f 4; exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                AntiphonCommand.class.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.PIPE)
            .start();
    try {
      String told = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      return new Execution(process.exitValue(), "", told);
    } finally {
      process.destroyForcibly();
    }
  }
}
