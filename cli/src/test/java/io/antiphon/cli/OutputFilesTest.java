package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Where results cannot be written is said before anything is started. */
class OutputFilesTest {
  @TempDir private Path folder;

  /** A process whose files may hold 32 KiB each stands for one that writes to a full disk. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskIsTold() throws Exception {
    assertRefused("talk", "--text", "x", "--out", folder.resolve("answer.wav").toString());
    assertThat(folder).isEmptyDirectory();
  }

  private void assertRefused(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                "ulimit -f 32; exec \"$0\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                AntiphonCommand.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(2);
    assertThat(said)
        .contains("--out: nothing can be written into " + folder, "expected a folder with rights");
  }
}
