package io.antiphon.jobs;

import io.antiphon.jobs.client.Caller;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TextMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What restarts of the job leave behind in a TaskManager's process, on Linux. As a program: {@code
 * RestartLeaks RESTARTS} prints a line for every one of them; with a {@code java.io.tmpdir} of its
 * own the temporary files are its own too.
 */
final class RestartLeaks {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private RestartLeaks() {}

  /**
   * Of this process.
   *
   * @param threads living
   * @param libraries native ones that are mapped; each copy counts
   * @param temporaryFiles files and folders in the temporary folder
   * @param residentMebibytes memory
   */
  record Usage(int threads, int libraries, long temporaryFiles, int residentMebibytes) {
    static Usage now() throws IOException {
      TreeSet<String> libraries = new TreeSet<>();
      for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
        int path = line.indexOf('/');
        if (path >= 0 && line.contains(".so")) {
          libraries.add(line.substring(path));
        }
      }
      try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
        return new Usage(Thread.activeCount(), libraries.size(), files.count(), resident());
      }
    }

    private static int resident() throws IOException {
      Matcher line = RESIDENT.matcher(Files.readString(Path.of("/proc/self/status")));
      return line.find() ? Integer.parseInt(line.group(1)) / 1024 : 0;
    }
  }

  /** Fails the job so many times, with an answered question after each failure. */
  static void restart(int restarts, Consumer<Usage> observer) throws Exception {
    try (NanoService nano =
        NanoService.start(
            new Explosive(),
            Map.of(
                "dataflow.checkpointInterval",
                "100ms",
                "dataflow.restartDelay",
                "50ms",
                "dataflow.restartAttempts",
                "1000"))) {
      for (int restart = 0; restart <= restarts; restart++) {
        if (restart > 0) {
          Explosive.explode(nano.client());
        }
        try (Caller caller = nano.call(Mode.SPEECH_TO_SPEECH)) {
          caller.ask(new TextMessage("what is the capital of france"), piece -> {});
        }
        if (Explosive.explosions() != restart) {
          throw new IllegalStateException(
              Explosive.explosions() + " failures, expected " + restart);
        }
        System.gc();
        observer.accept(Usage.now());
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    restart(Integer.parseInt(arguments[0]), System.out::println);
  }
}
