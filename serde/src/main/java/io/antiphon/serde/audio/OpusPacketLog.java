package io.antiphon.serde.audio;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Packets one behind the other in one array, each behind its length in three bytes: what is
 * appended at every packet and written as it stands at every checkpoint.
 */
final class OpusPacketLog {
  private static final int HEADER = 3;

  /** Far above what a decoder keeps; bounds what a broken length can take of the memory. */
  private static final int MAXIMUM_BYTES = 1 << 20;

  /** Takes packets again, in their order. */
  interface Replay {
    void packet(byte[] packet) throws MalformedAudioException;
  }

  private byte[] bytes = new byte[0];
  private int length;

  void append(byte[] packet) {
    int end = length + HEADER + packet.length;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
    }
    bytes[length] = (byte) (packet.length >> 16);
    bytes[length + 1] = (byte) (packet.length >> 8);
    bytes[length + 2] = (byte) packet.length;
    System.arraycopy(packet, 0, bytes, length + HEADER, packet.length);
    length = end;
  }

  /** Bytes held; also the place at which the next packet begins. */
  int length() {
    return length;
  }

  /** Forgets the packets before a place that {@link #length()} gave. */
  void dropBefore(int place) {
    System.arraycopy(bytes, place, bytes, 0, length - place);
    length -= place;
  }

  void clear() {
    bytes = new byte[0];
    length = 0;
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(length);
    out.write(bytes, 0, length);
  }

  /** Gives every packet that {@link #save} wrote. */
  static void load(DataInput in, Replay replay) throws IOException {
    int length = AudioState.readLength(in, MAXIMUM_BYTES);
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    for (int at = 0; at < length; ) {
      if (length - at < HEADER) {
        throw new IOException("a packet's length is cut off");
      }
      int size = (bytes[at] & 0xFF) << 16 | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF);
      int begin = at + HEADER;
      if (size > length - begin) {
        throw new IOException("a packet is cut off");
      }
      try {
        replay.packet(Arrays.copyOfRange(bytes, begin, begin + size));
      } catch (MalformedAudioException e) {
        throw new IOException("a packet that was decoded before cannot be decoded again", e);
      }
      at = begin + size;
    }
  }
}
