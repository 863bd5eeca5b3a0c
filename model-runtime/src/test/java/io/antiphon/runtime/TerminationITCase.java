package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is ended by a signal while the model works ends by that signal, and not by a crash
 * in the native library; nothing is left in the temporary folder. {@code
 * -Dantiphon.terminations=50} ends more processes.
 */
class TerminationITCase {
  private static final int TERMINATIONS = Integer.getInteger("antiphon.terminations", 4);
  private static final int LONGEST_SECONDS = 20;

  @TempDir private Path folder;

  private record Ending(String signal, int code, long millis, List<Path> left) {}

  @Test
  void endsBySignalsAndNotByCrashes() throws Exception {
    Random random = new Random(1);
    List<Ending> endings = new ArrayList<>();
    for (int i = 0; i < TERMINATIONS; i++) {
      endings.add(terminate(i % 2 == 0 ? "TERM" : "INT", random.nextInt(300)));
    }
    System.out.println(
        TERMINATIONS
            + " terminations took at most "
            + endings.stream().mapToLong(Ending::millis).max().orElseThrow()
            + " ms");
    assertThat(endings)
        .allSatisfy(
            ending -> {
              assertThat(ending.code()).isEqualTo(ending.signal().equals("TERM") ? 143 : 130);
              assertThat(ending.left()).isEmpty();
            });
  }

  private Ending terminate(String signal, int millis) throws IOException, InterruptedException {
    Path temporary = Files.createTempDirectory(folder, "tmp");
    List<String> command = new ArrayList<>();
    // In the background of a script SIGINT is ignored, and so it would be by what is started there.
    List<String> heeding = List.of("env", "--default-signal=INT");
    if (new ProcessBuilder("env", heeding.get(1), "true").start().waitFor() == 0) {
      command.addAll(heeding);
    }
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-XX:-UsePerfData",
            "-XX:ErrorFile=" + folder.resolve("crash-%p.log"),
            "-Djava.io.tmpdir=" + temporary,
            "-cp",
            System.getProperty("java.class.path"),
            BusyHost.class.getName(),
            Goldens.NANO_BUNDLE.toAbsolutePath().toString()));
    Process process =
        new ProcessBuilder(command).redirectError(folder.resolve("err").toFile()).start();
    try (var out = process.inputReader()) {
      assertThat(out.readLine()).as(Files.readString(folder.resolve("err"))).isEqualTo("busy");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
      long begin = System.nanoTime();
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
      assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS))
          .as("ended within " + LONGEST_SECONDS + " s")
          .isTrue();
      long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
      try (Stream<Path> left = Files.list(temporary)) {
        return new Ending(signal, process.exitValue(), took, left.toList());
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
