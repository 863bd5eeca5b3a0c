package io.antiphon.serde.recording;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** WAVE files as other programs write them, right and wrong. */
final class WaveBytes {
  static final int PCM = 1;
  static final int FLOAT = 3;
  static final int EXTENSIBLE = 0xFFFE;

  private WaveBytes() {}

  /** A file of one format and one data chunk. */
  static byte[] file(int tag, int channels, int rate, int bits, byte[] data) {
    return riff(chunk("fmt ", format(tag, channels, rate, bits)), chunk("data", data));
  }

  static byte[] format(int tag, int channels, int rate, int bits) {
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) tag)
        .putShort((short) channels)
        .putInt(rate)
        .putInt(rate * channels * bits / 8)
        .putShort((short) (channels * bits / 8))
        .putShort((short) bits)
        .array();
  }

  static byte[] extensibleFormat(int tag, int channels, int rate, int bits) {
    byte[] plain = format(EXTENSIBLE, channels, rate, bits);
    return ByteBuffer.allocate(40)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(plain)
        .putShort((short) 22)
        .putShort((short) bits)
        .putInt(0)
        .putShort((short) tag)
        .put(new byte[] {0, 0, 0, 0, 16, 0, (byte) 128, 0, 0, (byte) 170, 0, 56, (byte) 155, 113})
        .array();
  }

  static byte[] riff(byte[]... chunks) {
    byte[] all = concatenate(chunks);
    return concatenate(head("RIFF", all.length + 4), ascii("WAVE"), all);
  }

  /** A chunk with the zero byte behind an odd length. */
  static byte[] chunk(String tag, byte[] content) {
    return concatenate(head(tag, content.length), content, new byte[content.length % 2]);
  }

  static byte[] head(String tag, long length) {
    return ByteBuffer.allocate(8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(ascii(tag))
        .putInt((int) length)
        .array();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] concatenate(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
