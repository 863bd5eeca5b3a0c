package io.antiphon.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Checks of where results go, made before the work and not after it. */
final class OutputFiles {
  private OutputFiles() {}

  /**
   * @param file may be null, which is fine
   * @throws InputException if its folder is missing or it is itself a folder
   */
  static void requireWritable(Path file, String option) {
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
  }
}
