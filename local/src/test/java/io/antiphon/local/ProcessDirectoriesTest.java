package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Directories of a process that was killed are deleted by the next one, and only those. */
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
}
