package io.antiphon.serde.audio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A recording in memory. Read: 16-bit PCM and 32-bit float, any number of channels (mixed down to
 * one by their mean), any rate, plain or extensible header. Written: 16-bit PCM, one channel.
 *
 * @param sampleRate hertz
 * @param samples mono, nominally in [-1, 1]
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record WaveFile(int sampleRate, float[] samples) {
  private static final int HEADER_BYTES = 44;

  /** Reads a file whole. */
  public static WaveFile read(Path file) throws IOException {
    return new WaveReader(Files.readAllBytes(file), file.toString()).read();
  }

  /**
   * Reads a stream to its end.
   *
   * @param name what the recording is called in errors
   */
  public static WaveFile read(InputStream stream, String name) throws IOException {
    return new WaveReader(stream.readAllBytes(), name).read();
  }

  /** The samples at another rate. */
  public float[] samplesAt(int rate) {
    return Resampler.resample(samples, sampleRate, rate);
  }

  /** Seconds that the recording lasts. */
  public double seconds() {
    return (double) samples.length / sampleRate;
  }

  /**
   * Writes the recording as 16-bit PCM.
   *
   * @throws IllegalArgumentException when a sample is NaN or infinite
   */
  public void write(Path file) throws IOException {
    Files.write(file, bytes());
  }

  /**
   * The bytes of the recording as a file of 16-bit PCM.
   *
   * @throws IllegalArgumentException when a sample is NaN or infinite
   */
  public byte[] bytes() {
    try {
      SampleCoding.requireFinite(samples);
    } catch (MalformedAudioException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    byte[] data = SampleCoding.PCM16.encode(samples);
    return ByteBuffer.allocate(HEADER_BYTES + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("RIFF".getBytes(StandardCharsets.US_ASCII))
        .putInt(HEADER_BYTES - 8 + data.length)
        .put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII))
        .putInt(16)
        .putShort((short) 1) // PCM
        .putShort((short) 1) // channels
        .putInt(sampleRate)
        .putInt(2 * sampleRate) // bytes a second
        .putShort((short) 2) // bytes a frame
        .putShort((short) 16) // bits a sample
        .put("data".getBytes(StandardCharsets.US_ASCII))
        .putInt(data.length)
        .put(data)
        .array();
  }
}
