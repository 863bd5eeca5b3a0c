package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Restarts of the job leave nothing behind in their process: no threads, no mapped libraries, no
 * temporary files, no memory. {@code -Dantiphon.restarts=50} makes more of them.
 */
@EnabledOnOs(OS.LINUX)
class RestartLeaksITCase {
  private static final int RESTARTS = Integer.getInteger("antiphon.restarts", 8);

  /** Threads of pools that come and go. */
  private static final int LOOSE_THREADS = 10;

  /**
   * Code, buffers of allocators. Memory that every closed host leaves behind (some 110 MiB before
   * it was given back) is several times as much over half of the restarts.
   */
  private static final int LOOSE_MEBIBYTES = 64;

  @TempDir private Path directory;

  @Test
  void everythingLevelsOff() throws Exception {
    List<RestartLeaks.Usage> usages = run();
    assertThat(usages).hasSize(RESTARTS + 1);
    RestartLeaks.Usage early = usages.get(Math.max(2, RESTARTS / 4));
    RestartLeaks.Usage late = usages.get(RESTARTS);
    assertThat(late.libraries()).as("libraries of %s", usages).isEqualTo(early.libraries());
    assertThat(late.threads())
        .as("threads of %s", usages)
        .isLessThanOrEqualTo(early.threads() + LOOSE_THREADS);
    assertThat(late.temporaryFiles())
        .as("temporary files of %s", usages)
        .isLessThanOrEqualTo(early.temporaryFiles());
    // What is resident at one moment swings by what the allocators just hold: halves are compared.
    assertThat(mostMemory(usages.subList(RESTARTS / 2 + 1, RESTARTS + 1)))
        .as("memory of %s", usages)
        .isLessThanOrEqualTo(mostMemory(usages.subList(2, RESTARTS / 2 + 1)) + LOOSE_MEBIBYTES);
  }

  private static long mostMemory(List<RestartLeaks.Usage> usages) {
    return usages.stream().mapToLong(RestartLeaks.Usage::residentMebibytes).max().orElseThrow();
  }

  /** A process of its own, whose heap has its size from the beginning. */
  private List<RestartLeaks.Usage> run() throws IOException, InterruptedException {
    Path temporary = Files.createDirectory(directory.resolve("temporary"));
    Path output = directory.resolve("output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-opens"))
            .collect(Collectors.toList()));
    command.addAll(
        List.of(
            "-Xms768m",
            "-Xmx768m",
            "-XX:+AlwaysPreTouch",
            "-Djava.io.tmpdir=" + temporary,
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            RestartLeaks.class.getName(),
            Integer.toString(RESTARTS)));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor()).as(Files.readString(output)).isZero();
    } finally {
      process.destroyForcibly();
    }
    List<RestartLeaks.Usage> usages =
        Files.readAllLines(output).stream()
            .filter(line -> line.startsWith("threads "))
            .map(RestartLeaks.Usage::of)
            .toList();
    usages.forEach(System.out::println);
    return usages;
  }
}
