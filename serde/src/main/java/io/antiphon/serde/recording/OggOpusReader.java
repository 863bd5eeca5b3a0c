package io.antiphon.serde.recording;

import io.github.jaredmdobson.concentus.OpusDecoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Opus of one or two channels in Ogg (RFC 7845), at 48 kHz. What the encoder put before the sound
 * and behind it is left out.
 */
final class OggOpusReader implements RecordingReader {
  private static final int RATE = 48_000;

  /** The longest packet, 120 ms. */
  private static final int LONGEST = 5_760;

  private static final int HEADER_BYTES = 19;

  private final ByteSource source;
  private final OggPackets packets;
  private final RecordingFormat format;
  private final OpusDecoder decoder;
  private final float gain;
  private final short[] decoded;
  private int from;
  private int to;

  /** Frames that are still to be left out at the beginning. */
  private int preSkip;

  private long framesDecoded;
  private int lastFrames = RATE / 50;
  private int brokenPackets;
  private boolean ended;
  private boolean cutOff;

  /**
   * Reads what comes before the first sound.
   *
   * @throws ForeignFormatException when the stream is no Opus, or has more than two channels
   */
  OggOpusReader(ByteSource source) throws IOException {
    this.source = source;
    this.packets = new OggPackets(source);
    OggPackets.Packet head = packets.next();
    if (head == null) {
      throw error("is cut off before its first sound");
    }
    byte[] bytes = head.bytes();
    if (!begins(bytes, "OpusHead") || bytes.length < HEADER_BYTES) {
      throw new ForeignFormatException("Ogg, " + codec(bytes), "ogg");
    }
    ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int channels = fields.get(9);
    if (fields.get(18) != 0 || channels < 1 || channels > 2) {
      throw new ForeignFormatException("Ogg, Opus of " + channels + " channels", "ogg");
    }
    preSkip = Short.toUnsignedInt(fields.getShort(10));
    gain = (float) Math.pow(10, fields.getShort(16) / 256.0 / 20) / -(float) Short.MIN_VALUE;
    packets.next(); // the tags
    format = new RecordingFormat("Ogg, Opus", RATE, channels, OptionalLong.empty());
    decoded = new short[LONGEST * channels];
    try {
      decoder = new OpusDecoder(RATE, channels);
    } catch (OpusException e) {
      throw new IllegalStateException(e); // 48 kHz of one or two channels is always spoken
    }
  }

  @Override
  public RecordingFormat format() {
    return format;
  }

  @Override
  public int read(float[] samples) throws IOException {
    int channels = format.channels();
    while (from >= to) {
      if (!decode()) {
        return -1;
      }
    }
    int frames = Math.min(samples.length / channels, to - from);
    for (int i = 0; i < frames * channels; i++) {
      samples[i] = decoded[from * channels + i] * gain;
    }
    from += frames;
    return frames;
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (cutOff) {
      notes.add("it has no last page, so it is cut off; it is heard to its end");
    }
    if (packets.damagedPages() > 0) {
      notes.add(packets.damagedPages() + " of its pages are damaged; their sound is left out");
    }
    if (brokenPackets > 0) {
      notes.add(brokenPackets + " of its packets cannot be decoded; they are heard as silence");
    }
    if (packets.otherStreams()) {
      notes.add("it has other streams beside the first one; they are left out");
    }
    return notes;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  private boolean decode() throws IOException {
    if (cutOff) {
      return false;
    }
    OggPackets.Packet packet = packets.next();
    if (packet == null) {
      cutOff = !ended;
      return false;
    }
    ended |= packet.last();
    int frames;
    try {
      byte[] bytes = packet.bytes();
      frames = decoder.decode(bytes, 0, bytes.length, decoded, 0, LONGEST, false);
      lastFrames = frames;
    } catch (OpusException | RuntimeException e) {
      brokenPackets++;
      frames = lastFrames;
      Arrays.fill(decoded, 0, frames * format.channels(), (short) 0);
    }
    framesDecoded += frames;
    to = frames;
    if (packet.last() && packet.end() >= 0 && packet.end() < framesDecoded) {
      to = (int) Math.max(0, frames - (framesDecoded - packet.end()));
    }
    from = Math.min(preSkip, frames);
    preSkip -= from;
    return true;
  }

  private static boolean begins(byte[] bytes, String text) {
    byte[] expected = text.getBytes(StandardCharsets.US_ASCII);
    return bytes.length >= expected.length
        && Arrays.equals(bytes, 0, expected.length, expected, 0, expected.length);
  }

  private static String codec(byte[] bytes) {
    if (begins(bytes, "\u0001vorbis")) {
      return "Vorbis";
    }
    if (begins(bytes, "Speex")) {
      return "Speex";
    }
    return begins(bytes, "\u007fFLAC") ? "FLAC" : "a codec of its own";
  }

  private RecordingException error(String problem) {
    return new RecordingException(source.name() + " " + problem);
  }
}
