package io.antiphon.serde.recording;

import java.io.IOException;
import java.util.function.Function;

/** The bits of a FLAC frame, highest first, with the two checksums that run along. */
final class FlacBits {
  private static final int[] CRC_8 = table(8, 0x07);
  private static final int[] CRC_16 = table(16, 0x8005);

  /** The recording ends within a frame. */
  static final class EndException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private final ByteSource source;
  private int present;
  private int left;
  private int headerChecksum;
  private int frameChecksum;

  FlacBits(ByteSource source) {
    this.source = source;
  }

  /** A frame begins at the next byte. */
  void begin() {
    left = 0;
    headerChecksum = 0;
    frameChecksum = 0;
  }

  /** The next 0 to 32 bits, unsigned. */
  int read(int count) throws IOException {
    int value = 0;
    int wanted = count;
    while (wanted > 0) {
      if (left == 0) {
        nextByte();
      }
      int some = Math.min(wanted, left);
      left -= some;
      value = value << some | ((present >> left) & ((1 << some) - 1));
      wanted -= some;
    }
    return value;
  }

  /** The next 0 to 33 bits in two's complement. */
  long readSigned(int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    long high = count > 32 ? read(count - 32) : 0;
    long value = (high << 32) | (read(Math.min(count, 32)) & 0xFFFFFFFFL);
    return value << (64 - count) >> (64 - count);
  }

  /** How many zeros come before the next one, which is taken too. */
  int zeros() throws IOException {
    int zeros = 0;
    while (true) {
      if (left == 0) {
        nextByte();
      }
      int rest = present & ((1 << left) - 1);
      if (rest == 0) {
        zeros += left;
        left = 0;
      } else {
        int highest = 31 - Integer.numberOfLeadingZeros(rest);
        zeros += left - 1 - highest;
        left = highest;
        return zeros;
      }
    }
  }

  /** Reads the checksum behind a frame's header. */
  void requireHeaderChecksum(Function<String, RecordingException> damaged) throws IOException {
    int expected = headerChecksum;
    if (read(8) != expected) {
      throw damaged.apply("a frame header's checksum is wrong");
    }
  }

  /** Fills the last byte up and reads the frame's checksum. */
  void requireFrameChecksum(Function<String, RecordingException> damaged) throws IOException {
    left = 0;
    int expected = frameChecksum;
    if (read(16) != expected) {
      throw damaged.apply("a frame's checksum is wrong");
    }
  }

  private void nextByte() throws IOException {
    present = source.next();
    if (present < 0) {
      throw new EndException();
    }
    left = 8;
    headerChecksum = CRC_8[headerChecksum ^ present];
    frameChecksum = ((frameChecksum << 8) & 0xFFFF) ^ CRC_16[(frameChecksum >> 8) ^ present];
  }

  private static int[] table(int width, int polynomial) {
    int[] table = new int[256];
    int top = 1 << (width - 1);
    int mask = (1 << width) - 1;
    for (int i = 0; i < 256; i++) {
      int remainder = i << (width - 8);
      for (int bit = 0; bit < 8; bit++) {
        remainder = (remainder & top) == 0 ? remainder << 1 : (remainder << 1) ^ polynomial;
      }
      table[i] = remainder & mask;
    }
    return table;
  }
}
