package io.antiphon.serde.recording;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A recording's bytes, read once from front to back, with a look ahead of up to {@link
 * #LOOK_AHEAD}. Owns the stream. Not thread safe.
 */
final class ByteSource implements Closeable {
  /** Bytes that {@link #peek} and {@link #rewind} reach. */
  static final int LOOK_AHEAD = 1 << 16;

  private final InputStream stream;
  private final String name;
  private final OptionalLong size;
  private final byte[] buffer = new byte[LOOK_AHEAD];
  private int begin;
  private int end;

  /** Bytes of the recording before the buffer. */
  private long before;

  private boolean ended;

  /**
   * @param name what the recording is called in errors
   * @param size bytes of the whole stream, empty when unknown
   */
  ByteSource(InputStream stream, String name, OptionalLong size) {
    this.stream = stream;
    this.name = name;
    this.size = size;
  }

  String name() {
    return name;
  }

  /** Bytes that were read so far. */
  long position() {
    return before + begin;
  }

  /** Bytes that are still to come, empty when unknown. */
  OptionalLong remaining() {
    return size.isPresent() ? OptionalLong.of(size.getAsLong() - position()) : size;
  }

  /** The next byte, -1 at the end. */
  int next() throws IOException {
    return available(1) ? buffer[begin++] & 0xFF : -1;
  }

  /** The next bytes without taking them, fewer where the recording ends. */
  byte[] peek(int count) throws IOException {
    available(count);
    return Arrays.copyOfRange(buffer, begin, begin + Math.min(count, end - begin));
  }

  /** Takes bytes, fewer only where the recording ends. */
  int read(byte[] target, int from, int count) throws IOException {
    int taken = 0;
    while (taken < count && available(1)) {
      int some = Math.min(count - taken, end - begin);
      System.arraycopy(buffer, begin, target, from + taken, some);
      begin += some;
      taken += some;
    }
    return taken;
  }

  /** Takes bytes that must be there; null where the recording ends before. */
  byte @Nullable [] take(int count) throws IOException {
    byte[] bytes = new byte[count];
    return read(bytes, 0, count) == count ? bytes : null;
  }

  /** Passes over bytes; false where the recording ends before. */
  boolean skip(long count) throws IOException {
    long left = count;
    while (left > 0 && available(1)) {
      int some = (int) Math.min(left, end - begin);
      begin += some;
      left -= some;
    }
    return left == 0;
  }

  /** Goes back to the first byte; false when more was read than the look ahead holds. */
  boolean rewind() {
    if (before > 0) {
      return false;
    }
    begin = 0;
    return true;
  }

  /** Copies all that is left. */
  void transferTo(OutputStream out) throws IOException {
    while (available(1)) {
      out.write(buffer, begin, end - begin);
      begin = end;
    }
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }

  /** Whether so many bytes lie in the buffer, after reading what is needed for it. */
  private boolean available(int count) throws IOException {
    while (end - begin < count && !ended) {
      if (end == buffer.length) {
        System.arraycopy(buffer, begin, buffer, 0, end - begin);
        before += begin;
        end -= begin;
        begin = 0;
      }
      int some = stream.read(buffer, end, buffer.length - end);
      if (some < 0) {
        ended = true;
      } else {
        end += some;
      }
    }
    return end - begin >= count;
  }
}
