package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A process deletes its own directories, and those of processes that were killed. */
class ProcessDirectoriesTest {
  /** Makes a directory, tells it, and waits for its end. */
  static final class Owner {
    public static void main(String[] arguments) throws Exception {
      Path directory = ProcessDirectories.create("kafka");
      Files.writeString(directory.resolve("segment"), "x");
      System.out.println(directory);
      System.in.read();
    }
  }

  @Test
  void sweepsWhatAKilledProcessLeft() throws Exception {
    Process owner =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("java.class.path"),
                Owner.class.getName())
            .start();
    try (var out = owner.inputReader()) {
      Path other = Path.of(out.readLine());
      Path own = ProcessDirectories.create("flink");
      ProcessDirectories.sweep();
      assertThat(other.resolve("segment")).exists();
      owner.destroyForcibly();
      assertThat(owner.waitFor(20, TimeUnit.SECONDS)).isTrue();
      ProcessDirectories.sweep();
      assertThat(other.getParent()).doesNotExist();
      assertThat(own).exists();
      ProcessDirectories.delete(own);
      assertThat(own.getParent()).doesNotExist();
    } finally {
      owner.destroyForcibly().waitFor();
    }
  }

  @Test
  void deletesWhatIsStillWrittenTo() throws Exception {
    Path directory = ProcessDirectories.create("kafka");
    CountDownLatch written = new CountDownLatch(100);
    AtomicBoolean gone = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              for (int i = 0; !gone.get(); i++) {
                try {
                  Files.createFile(directory.resolve("segment-" + i));
                  written.countDown();
                } catch (IOException e) {
                  // Its directory is gone; a broker goes on in vain too.
                }
              }
            });
    writer.start();
    try {
      written.await();
      ProcessDirectories.delete(directory);
      assertThat(leftOf(directory)).isEmpty();
    } finally {
      gone.set(true);
      writer.join();
    }
  }

  @Test
  void whoeverDeletesEverythingWaitsForADeletionUnderWay() throws Exception {
    Path directory = ProcessDirectories.create("flink");
    for (int i = 0; i < 2_000; i++) {
      Files.createFile(directory.resolve("file-" + i));
    }
    Thread closing = new Thread(() -> ProcessDirectories.delete(directory));
    closing.start();
    while (Files.exists(directory)) {
      Thread.onSpinWait();
    }
    ProcessDirectories.deleteAll();
    assertThat(leftOf(directory)).isEmpty();
    closing.join();
  }

  private static List<Path> leftOf(Path directory) throws IOException {
    Path parent = directory.getParent();
    try (Stream<Path> found = Files.list(parent.getParent())) {
      return found
          .filter(f -> f.getFileName().toString().startsWith(parent.getFileName().toString()))
          .toList();
    }
  }
}
