package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ctrl-C while the answer is made: broker, cluster and model of the process leave nothing behind.
 */
class TalkTerminationITCase {
  @TempDir private Path folder;

  @Test
  void ctrlCInMidAnswerEndsWithItsExitCodeAndLeavesNothing() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path err = folder.resolve("err");
    List<String> command = new ArrayList<>();
    // In the background of a script SIGINT is ignored, and so it would be by what is started there.
    List<String> heeding = List.of("env", "--default-signal=INT");
    if (new ProcessBuilder("env", heeding.get(1), "true").start().waitFor() == 0) {
      command.addAll(heeding);
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String open : List.of("java.util", "java.lang", "java.time")) {
      command.add("--add-opens");
      command.add("java.base/" + open + "=ALL-UNNAMED");
    }
    command.addAll(
        List.of(
            "-Xmx2g",
            "-XX:-UsePerfData",
            "-XX:ErrorFile=" + folder.resolve("crash.log"),
            "-Djava.io.tmpdir=" + temporary,
            "-cp",
            System.getProperty("java.class.path"),
            AntiphonCommand.class.getName(),
            "talk",
            "--model",
            Path.of("../models/nano").toAbsolutePath().normalize().toString(),
            "--real-time"));
    // The first answer is not the last.
    command.addAll(Collections.nCopies(4, "../samples/capital.wav"));
    Process talk = new ProcessBuilder(command).redirectError(err.toFile()).start();
    try (var out = talk.inputReader()) {
      StringBuilder shown = new StringBuilder();
      while (shown.indexOf("Antiphon: ") < 0) {
        int next = out.read();
        assertThat(next).as(Files.readString(err)).isNotNegative();
        shown.append((char) next);
      }
      new ProcessBuilder("kill", "-INT", Long.toString(talk.pid())).start().waitFor();
      assertThat(talk.waitFor(20, TimeUnit.SECONDS)).as("it ends").isTrue();
      assertThat(talk.exitValue()).isEqualTo(130);
      assertThat(Files.readString(err)).doesNotContain("Exception");
      try (Stream<Path> left = Files.list(temporary)) {
        assertThat(left).isEmpty();
      }
    } finally {
      talk.destroyForcibly().waitFor();
    }
  }
}
