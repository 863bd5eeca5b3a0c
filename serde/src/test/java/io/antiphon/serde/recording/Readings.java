package io.antiphon.serde.recording;

import io.antiphon.serde.audio.Signals;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Recordings read whole, for comparisons. */
final class Readings {
  /**
   * @param samples interleaved
   * @param notes after the end
   */
  @SuppressWarnings("ArrayRecordComponent") // read once
  record Reading(RecordingFormat format, float[] samples, List<String> notes) {}

  private Readings() {}

  /** Without ffmpeg, as a stream of unknown length. */
  static Reading read(byte[] bytes) throws IOException {
    return read(bytes, 1_000);
  }

  /**
   * @param room samples that are read at a time
   */
  static Reading read(byte[] bytes, int room) throws IOException {
    try (RecordingReader reader =
        RecordingOpener.open(new ByteArrayInputStream(bytes), "call.wav", Optional.empty())) {
      return read(reader, room);
    }
  }

  static Reading read(RecordingReader reader, int room) throws IOException {
    float[] all = new float[0];
    float[] piece = new float[Math.max(room, reader.format().channels())];
    for (int frames = reader.read(piece); frames >= 0; frames = reader.read(piece)) {
      all = Signals.concatenate(all, Arrays.copyOf(piece, frames * reader.format().channels()));
    }
    return new Reading(reader.format(), all, reader.notes());
  }

  static byte[] resource(String name) throws IOException {
    try (InputStream stream = Readings.class.getResourceAsStream("/recordings/" + name)) {
      return stream.readAllBytes();
    }
  }
}
