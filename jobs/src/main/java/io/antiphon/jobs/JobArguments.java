package io.antiphon.jobs;

import java.nio.file.Path;

/** What every job of the jar is started with. */
final class JobArguments {
  private JobArguments() {}

  /**
   * The file of {@code --config FILE}.
   *
   * @throws IllegalArgumentException for anything else
   */
  static Path configuration(String[] arguments) {
    if (arguments.length != 2 || !arguments[0].equals("--config")) {
      throw new IllegalArgumentException(
          "the arguments are \"" + String.join(" ", arguments) + "\"; expected --config FILE");
    }
    return Path.of(arguments[1]);
  }
}
