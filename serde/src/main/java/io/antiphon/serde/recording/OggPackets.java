package io.antiphon.serde.recording;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The packets of the first logical stream of an Ogg file (RFC 3533), page by page. A page whose
 * checksum is wrong is passed over and counted.
 */
final class OggPackets {
  private static final int HEADER_BYTES = 27;
  private static final int LARGEST_PACKET = 1 << 17;
  private static final int CONTINUED = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4;
  private static final int[] CHECKSUMS = checksums();

  /**
   * @param end the stream's position at the end of the packet's page; only for the page's last
   *     packet, -1 otherwise
   * @param last whether it is the stream's last packet
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Packet(byte[] bytes, long end, boolean last) {}

  private final ByteSource source;
  private final Deque<Packet> ready = new ArrayDeque<>();
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private long serial = -1;
  private int damagedPages;
  private boolean otherStreams;

  OggPackets(ByteSource source) {
    this.source = source;
  }

  /** The next packet, null at the end. */
  @Nullable Packet next() throws IOException {
    while (ready.isEmpty()) {
      if (!nextPage()) {
        return null;
      }
    }
    return ready.poll();
  }

  /** Pages that could not be used. */
  int damagedPages() {
    return damagedPages;
  }

  /** Whether the file has other streams beside or behind the first one. */
  boolean otherStreams() {
    return otherStreams;
  }

  private boolean nextPage() throws IOException {
    if (!findPage()) {
      return false;
    }
    byte[] head = source.peek(HEADER_BYTES);
    if (head.length < HEADER_BYTES) {
      return false;
    }
    int segments = head[26] & 0xFF;
    byte[] lacing = source.peek(HEADER_BYTES + segments);
    if (lacing.length < HEADER_BYTES + segments) {
      return false;
    }
    int body = 0;
    for (int i = 0; i < segments; i++) {
      body += lacing[HEADER_BYTES + i] & 0xFF;
    }
    int length = HEADER_BYTES + segments + body;
    byte[] page = source.peek(length);
    if (page.length < length) {
      return false; // a page that its recorder did not finish
    }
    if (checksum(page) != little(page, 22, 4)) {
      damagedPages++;
      source.skip(4); // what looked like a page; the next one is searched for
      begun.reset();
      return true;
    }
    source.skip(length);
    long pageSerial = little(page, 14, 4);
    boolean first = (page[5] & FIRST) != 0;
    if (serial == -1) {
      serial = pageSerial;
    } else if (pageSerial != serial) {
      otherStreams = true;
      return true;
    }
    packets(page, segments, first);
    return true;
  }

  private void packets(byte[] page, int segments, boolean first) {
    if (first || (page[5] & CONTINUED) == 0) {
      begun.reset();
    }
    boolean last = (page[5] & LAST) != 0;
    int at = HEADER_BYTES + segments;
    boolean skipping = (page[5] & CONTINUED) != 0 && begun.size() == 0;
    int complete = -1;
    for (int i = 0; i < segments; i++) {
      if ((page[HEADER_BYTES + i] & 0xFF) < 255) {
        complete = i;
      }
    }
    for (int i = 0; i < segments; i++) {
      int size = page[HEADER_BYTES + i] & 0xFF;
      if (begun.size() < LARGEST_PACKET) { // of larger ones, such as pictures, the rest is dropped
        begun.write(page, at, size);
      }
      at += size;
      if (size < 255) {
        if (!skipping) {
          boolean ends = i == complete;
          ready.add(new Packet(begun.toByteArray(), ends ? little(page, 6, 8) : -1, ends && last));
        }
        skipping = false;
        begun.reset();
      }
    }
  }

  /** Passes over what is no page; false at the end. */
  private boolean findPage() throws IOException {
    while (true) {
      byte[] head = source.peek(4);
      if (head.length < 4) {
        return false;
      }
      if (head[0] == 'O' && head[1] == 'g' && head[2] == 'g' && head[3] == 'S') {
        return true;
      }
      source.skip(1);
    }
  }

  private static long little(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = (value << 8) | (bytes[at + i] & 0xFF);
    }
    return value;
  }

  /** The page's checksum, with that of the header taken as zero. */
  static long checksum(byte[] page) {
    int sum = 0;
    for (int i = 0; i < page.length; i++) {
      int value = i >= 22 && i < 26 ? 0 : page[i] & 0xFF;
      sum = (sum << 8) ^ CHECKSUMS[(sum >>> 24) ^ value];
    }
    return Integer.toUnsignedLong(sum);
  }

  private static int[] checksums() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int remainder = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        remainder = remainder < 0 ? (remainder << 1) ^ 0x04C11DB7 : remainder << 1;
      }
      table[i] = remainder;
    }
    return table;
  }
}
