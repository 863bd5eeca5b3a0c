package io.antiphon.local;

import io.antiphon.client.Caller;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TextMessage;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What restarts of the job leave behind in a TaskManager's process, on Linux. A program, because
 * memory, threads and temporary files belong to a whole process: {@code RestartLeaks RESTARTS}
 * prints a line before the first of them and after each. The temporary folder must be its own.
 */
final class RestartLeaks {
  private static final Pattern LINE =
      Pattern.compile(
          "threads (\\d+), libraries (\\d+), temporary files (\\d+), resident (\\d+) MiB");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private RestartLeaks() {}

  /**
   * Of this process.
   *
   * @param threads living
   * @param libraries native ones that are mapped; each copy counts
   * @param temporaryFiles files and folders in the temporary folder, those within folders too,
   *     checkpoints left aside: one is kept, and the next is being written
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
      return new Usage(countThreads(), libraries.size(), countTemporaryFiles(), resident());
    }

    /** As the line of a program's output that {@link #toString()} is. */
    static Usage of(String line) {
      Matcher values = LINE.matcher(line);
      if (!values.matches()) {
        throw new IllegalArgumentException("the line is \"" + line + "\"; expected " + LINE);
      }
      return new Usage(
          Integer.parseInt(values.group(1)),
          Integer.parseInt(values.group(2)),
          Long.parseLong(values.group(3)),
          Integer.parseInt(values.group(4)));
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "threads %d, libraries %d, temporary files %d, resident %d MiB",
          threads,
          libraries,
          temporaryFiles,
          residentMebibytes);
    }

    private static int countThreads() throws IOException {
      // Native ones too, of which Java knows nothing.
      try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
        return (int) tasks.count();
      }
    }

    private static long countTemporaryFiles() throws IOException {
      Path folder = Path.of(System.getProperty("java.io.tmpdir"));
      long[] count = {0};
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path entered, BasicFileAttributes attributes) {
              count[0]++;
              return entered.endsWith("checkpoints")
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              count[0]++;
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE; // deleted meanwhile
            }
          });
      return count[0];
    }

    private static int resident() throws IOException {
      Matcher line = RESIDENT.matcher(Files.readString(Path.of("/proc/self/status")));
      return line.find() ? Integer.parseInt(line.group(1)) / 1024 : 0;
    }
  }

  /** Fails the job so many times, with an answered question after each failure. */
  private static void restart(int restarts, Consumer<Usage> observer) throws Exception {
    try (NanoService nano =
        NanoService.start(
            new Explosive(),
            Map.of(
                "dataflow.flink.execution.checkpointing.interval",
                "100ms",
                "dataflow.flink.restart-strategy.exponential-delay.initial-backoff",
                "50ms",
                "dataflow.flink.restart-strategy.exponential-delay.attempts-before-reset-backoff",
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
        System.gc(); // what finalizers and cleaners free is no leak
        observer.accept(Usage.now());
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    restart(Integer.parseInt(arguments[0]), System.out::println);
  }
}
