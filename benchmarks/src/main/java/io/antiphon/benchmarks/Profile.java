package io.antiphon.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/** A JDK Flight Recorder recording of a benchmark, written when it is closed. */
final class Profile implements AutoCloseable {
  private final Recording recording;

  private Profile(Recording recording) {
    this.recording = recording;
  }

  /**
   * @param file null records nothing
   */
  static Profile into(Path file) throws IOException {
    if (file == null) {
      return new Profile(null);
    }
    try {
      Recording recording = new Recording(Configuration.getConfiguration("profile"));
      recording.setDestination(file);
      recording.start();
      return new Profile(recording);
    } catch (ParseException e) {
      throw new IllegalStateException("the JDK's own recording settings cannot be read", e);
    }
  }

  @Override
  public void close() {
    if (recording != null) {
      recording.stop();
      recording.close();
    }
  }
}
