package io.antiphon.serde.recording;

import io.antiphon.serde.audio.MalformedAudioException;
import io.antiphon.serde.audio.SampleCoding;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes WAVE files of 16-bit PCM as their samples come. The header's lengths stand right after
 * {@link #close}; until then, and above 4 GiB, they say that the length is unknown.
 */
public final class WaveWriter implements Closeable {
  private static final int HEADER_BYTES = 44;
  private static final long UNKNOWN = 0xFFFFFFFFL;

  private final FileChannel file;
  private final int sampleRate;
  private final int channels;
  private long length;

  private WaveWriter(FileChannel file, int sampleRate, int channels) throws IOException {
    this.file = file;
    this.sampleRate = sampleRate;
    this.channels = channels;
    put(ByteBuffer.wrap(header(sampleRate, channels, UNKNOWN)), 0);
  }

  /**
   * Begins a file, in place of one that is there.
   *
   * @param sampleRate hertz
   * @param channels interleaved channels
   */
  public static WaveWriter create(Path file, int sampleRate, int channels) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      return new WaveWriter(channel, sampleRate, channels);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Writes a whole recording of one channel.
   *
   * @throws IllegalArgumentException when a sample is NaN or infinite
   */
  public static void write(Path file, int sampleRate, float[] samples) throws IOException {
    Files.write(file, bytes(sampleRate, samples));
  }

  /**
   * The bytes of a whole recording of one channel.
   *
   * @throws IllegalArgumentException when a sample is NaN or infinite
   */
  public static byte[] bytes(int sampleRate, float[] samples) {
    byte[] data = encode(samples);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(HEADER_BYTES + data.length);
    bytes.writeBytes(header(sampleRate, 1, data.length));
    bytes.writeBytes(data);
    return bytes.toByteArray();
  }

  /**
   * Writes the next samples.
   *
   * @param interleaved whole frames, in [-1, 1]; what lies outside is clipped
   * @throws IllegalArgumentException when a sample is NaN or infinite
   */
  public void write(float[] interleaved) throws IOException {
    byte[] data = encode(interleaved);
    put(ByteBuffer.wrap(data), HEADER_BYTES + length);
    length += data.length;
  }

  @Override
  public void close() throws IOException {
    try (file) {
      put(ByteBuffer.wrap(header(sampleRate, channels, Math.min(length, UNKNOWN))), 0);
    }
  }

  private void put(ByteBuffer bytes, long position) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
  }

  private static byte[] encode(float[] samples) {
    try {
      SampleCoding.requireFinite(samples);
    } catch (MalformedAudioException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return SampleCoding.PCM16.encode(samples);
  }

  private static byte[] header(int sampleRate, int channels, long length) {
    return ByteBuffer.allocate(HEADER_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("RIFF".getBytes(StandardCharsets.US_ASCII))
        .putInt((int) Math.min(UNKNOWN, HEADER_BYTES - 8 + length))
        .put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII))
        .putInt(16)
        .putShort((short) 1) // PCM
        .putShort((short) channels)
        .putInt(sampleRate)
        .putInt(2 * channels * sampleRate) // bytes a second
        .putShort((short) (2 * channels)) // bytes a frame
        .putShort((short) 16) // bits a sample
        .put("data".getBytes(StandardCharsets.US_ASCII))
        .putInt((int) length)
        .array();
  }
}
