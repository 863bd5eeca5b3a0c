package io.antiphon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Checks of where results go, made before the work and not after it. */
final class OutputFiles {
  /** Less room than this is none. */
  private static final byte[] PROBE = new byte[1 << 16];

  private OutputFiles() {}

  /**
   * Checks by writing: rights, mounts and a full disk cannot be told otherwise.
   *
   * @param file may be null, which is fine
   * @throws InputException if its folder is missing, if it is itself a folder, or if nothing can be
   *     written there
   */
  static void requireWritable(@Nullable Path file, String option) {
    if (file == null) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw new InputException(option + " is " + file + ", a folder; expected a file");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw new InputException(
          option
              + " is "
              + file
              + ", whose folder does not exist; expected a file in a folder that does");
    }
    if (Files.exists(file) && !Files.isWritable(file)) {
      throw new InputException(
          option + " is " + file + ", which may not be written; expected one that may");
    }
    if (!Files.exists(file) || Files.isRegularFile(file)) {
      requireRoom(folder, option);
    }
  }

  /**
   * @throws InputException if nothing can be written into the folder
   */
  static void requireRoom(Path folder, String option) {
    try {
      Path probe = Files.createTempFile(folder, ".antiphon-", null);
      try {
        Files.write(probe, PROBE);
      } finally {
        Files.delete(probe);
      }
    } catch (IOException e) {
      throw new InputException(
          option
              + ": nothing can be written into "
              + folder
              + " ("
              + e
              + "); expected a folder with rights and room",
          e);
    }
  }
}
