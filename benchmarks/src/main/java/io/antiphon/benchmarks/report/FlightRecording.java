package io.antiphon.benchmarks.report;

import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/** A JDK Flight Recorder recording of a benchmark, written when it is closed. */
public final class FlightRecording implements AutoCloseable {
  private final @Nullable Recording recording;

  private FlightRecording(@Nullable Recording recording) {
    this.recording = recording;
  }

  /**
   * @param file null records nothing
   */
  public static FlightRecording into(@Nullable Path file) throws IOException {
    if (file == null) {
      return new FlightRecording(null);
    }
    try {
      Recording recording = new Recording(Configuration.getConfiguration("profile"));
      recording.setDestination(file);
      recording.start();
      return new FlightRecording(recording);
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
