package io.antiphon.serde.audio;

/**
 * The framing of Opus packets, RFC 6716 section 3: how long a packet lasts, and whether it is one.
 */
final class OpusPackets {
  private static final int MAXIMUM_FRAME_BYTES = 1275;

  private OpusPackets() {}

  /**
   * Samples that a packet decodes to.
   *
   * @throws MalformedAudioException when the bytes break one of the rules R1 to R7
   */
  static int samples(byte[] packet, int sampleRate) throws MalformedAudioException {
    if (packet.length == 0) {
      throw malformed(packet, "it is empty (R1)");
    }
    int frame = frameSamples(packet[0] & 0xFF, sampleRate);
    int code = packet[0] & 3;
    int frames =
        switch (code) {
          case 0 -> oneFrame(packet);
          case 1 -> twoEqualFrames(packet);
          case 2 -> twoFrames(packet);
          default -> countedFrames(packet, frame, sampleRate);
        };
    return frames * frame;
  }

  private static int oneFrame(byte[] packet) throws MalformedAudioException {
    requireFrame(packet, packet.length - 1);
    return 1;
  }

  private static int twoEqualFrames(byte[] packet) throws MalformedAudioException {
    if (packet.length % 2 == 0) {
      throw malformed(packet, "its two frames cannot have the same length (R3)");
    }
    requireFrame(packet, (packet.length - 1) / 2);
    return 2;
  }

  private static int twoFrames(byte[] packet) throws MalformedAudioException {
    Cursor cursor = new Cursor(packet, 1);
    int first = cursor.length();
    if (first > cursor.remaining()) {
      throw malformed(packet, "its first frame is longer than the packet (R4)");
    }
    requireFrame(packet, cursor.remaining() - first);
    return 2;
  }

  private static int countedFrames(byte[] packet, int frame, int sampleRate)
      throws MalformedAudioException {
    Cursor cursor = new Cursor(packet, 1);
    int header = cursor.next();
    int frames = header & 0x3F;
    if (frames == 0 || frames * frame > sampleRate * 120 / 1000) {
      throw malformed(packet, "its " + frames + " frames are none or last over 120 ms (R5)");
    }
    int padding = 0;
    if ((header & 0x40) != 0) {
      int more;
      do {
        more = cursor.next();
        padding += more == 255 ? 254 : more;
      } while (more == 255);
    }
    int total = 0;
    if ((header & 0x80) != 0) {
      for (int i = 0; i < frames - 1; i++) {
        total += cursor.length();
      }
      int last = cursor.remaining() - padding - total;
      if (last < 0) {
        throw malformed(packet, "its frames are longer than the packet (R7)");
      }
      requireFrame(packet, last);
    } else {
      int left = cursor.remaining() - padding;
      if (left < 0 || left % frames != 0) {
        throw malformed(packet, "its frames cannot have the same length (R6)");
      }
      requireFrame(packet, left / frames);
    }
    return frames;
  }

  /** Table 2: the configuration in the first five bits names mode, bandwidth and frame duration. */
  private static int frameSamples(int toc, int sampleRate) {
    int configuration = toc >> 3;
    if (configuration >= 16) { // CELT only: 2.5, 5, 10, 20 ms
      return (sampleRate / 400) << (configuration & 3);
    }
    if (configuration >= 12) { // hybrid: 10, 20 ms
      return (sampleRate / 100) << (configuration & 1);
    }
    int duration = configuration & 3; // SILK only: 10, 20, 40, 60 ms
    return duration == 3 ? sampleRate * 60 / 1000 : (sampleRate / 100) << duration;
  }

  private static void requireFrame(byte[] packet, int bytes) throws MalformedAudioException {
    if (bytes > MAXIMUM_FRAME_BYTES) {
      throw malformed(packet, "a frame has " + bytes + " bytes, more than 1275 (R2)");
    }
  }

  private static MalformedAudioException malformed(byte[] packet, String reason) {
    return new MalformedAudioException(
        "the " + packet.length + " bytes of the audio chunk are no Opus packet: " + reason);
  }

  /** Reads the header's bytes, refusing to leave the packet. */
  private static final class Cursor {
    private final byte[] packet;
    private int position;

    Cursor(byte[] packet, int position) {
      this.packet = packet;
      this.position = position;
    }

    int next() throws MalformedAudioException {
      if (position >= packet.length) {
        throw malformed(packet, "its header is cut off");
      }
      return packet[position++] & 0xFF;
    }

    /** A frame length of one or two bytes, section 3.2.1. */
    int length() throws MalformedAudioException {
      int first = next();
      return first < 252 ? first : first + 4 * next();
    }

    int remaining() {
      return packet.length - position;
    }
  }
}
