package io.antiphon.serde.recording;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * A recording that is read from front to back, never whole in memory. Not thread safe; to be
 * closed.
 *
 * <p>Read without help: WAV (integers of 8 to 32 bits, floats of 32 and 64, mu-law, A-law, GSM
 * 06.10; plain, extensible, RF64), Ogg Opus of one or two channels, FLAC. MP3, AAC, AMR, G.729 in
 * WAV, WebM and more: through {@code ffmpeg}, if one is on the path.
 */
public interface RecordingReader extends Closeable {
  /**
   * Opens a file, a pipe or a device.
   *
   * @throws RecordingException when it is no recording, or one that cannot be read here
   */
  static RecordingReader open(Path file) throws IOException {
    return RecordingOpener.open(file, Ffmpeg.find());
  }

  /**
   * Opens what a stream gives, which is closed with the reader.
   *
   * @param name what the recording is called in errors
   * @throws RecordingException when it is no recording, or one that cannot be read here
   */
  static RecordingReader open(InputStream stream, String name) throws IOException {
    return RecordingOpener.open(stream, name, Ffmpeg.find());
  }

  /** What the recording says of itself. */
  RecordingFormat format();

  /**
   * Reads the next samples.
   *
   * @param samples where interleaved samples go, nominally in [-1, 1]; room for one frame (a sample
   *     of each channel) at least
   * @return frames read, at least 1; -1 at the end
   * @throws RecordingException when the recording is damaged from here on
   */
  int read(float[] samples) throws IOException;

  /** What is wrong with the recording although it can be heard; complete after the end. */
  List<String> notes();
}
