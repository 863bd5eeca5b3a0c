package io.antiphon.runtime.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Joins the bytes of ids to characters; what is no UTF-8 becomes a replacement character. */
final class Utf8TextStream implements TextStream {
  private final byte[][] bytesOfId;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] carry = new byte[0];

  Utf8TextStream(byte[][] bytesOfId) {
    this.bytesOfId = bytesOfId;
  }

  @Override
  public String append(int id) {
    // A vocabulary may be padded beyond the tokenizer's last id.
    byte[] bytes = id >= 0 && id < bytesOfId.length ? bytesOfId[id] : null;
    if (bytes == null || bytes.length == 0) {
      return "";
    }
    return decode(bytes, false);
  }

  @Override
  public String finish() {
    return decode(new byte[0], true);
  }

  private String decode(byte[] bytes, boolean end) {
    ByteBuffer in = ByteBuffer.allocate(carry.length + bytes.length).put(carry).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    decoder.reset().decode(in, out, end);
    carry = new byte[in.remaining()];
    in.get(carry);
    return out.flip().toString();
  }
}
