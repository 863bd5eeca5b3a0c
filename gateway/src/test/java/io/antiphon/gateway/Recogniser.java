package io.antiphon.gateway;

import io.antiphon.serde.recording.MonoRecording;
import io.antiphon.serde.recording.WaveWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Ears that have nothing to do with the model: PocketSphinx (Debian: pocketsphinx,
 * pocketsphinx-en-us), told which sentences there are.
 */
final class Recogniser {
  private static final String PROGRAM = "pocketsphinx_continuous";
  private static final Path SENTENCES = Path.of("phone", "answers.jsgf");
  private static final int RATE = 16_000;

  private Recogniser() {}

  /**
   * The sentence that is nearest to a recording; empty where there is no recogniser.
   *
   * @param folder for what it needs
   */
  static Optional<String> hear(Path recording, Path folder)
      throws IOException, InterruptedException {
    boolean there =
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, PROGRAM)));
    if (!there) {
      return Optional.empty();
    }
    Path wave = folder.resolve("heard.wav");
    WaveWriter.write(wave, RATE, MonoRecording.read(recording).samplesAt(RATE));
    Path heard = folder.resolve("heard.txt");
    Process process =
        new ProcessBuilder(
                PROGRAM,
                "-infile",
                wave.toString(),
                "-jsgf",
                SENTENCES.toString(),
                "-logfn",
                folder.resolve("recogniser.log").toString())
            .redirectOutput(heard.toFile())
            .start();
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException(PROGRAM + " does not end");
    }
    return Optional.of(Files.readString(heard, StandardCharsets.UTF_8).strip());
  }
}
