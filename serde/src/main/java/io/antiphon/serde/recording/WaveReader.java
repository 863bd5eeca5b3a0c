package io.antiphon.serde.recording;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The RIFF chunks of one WAVE file. A length that its recorder never filled in, or filled in
 * wrongly, is no reason not to hear the file: it is read to its end, and a note tells.
 */
final class WaveReader implements RecordingReader {
  private static final int EXTENSIBLE = 0xFFFE;
  private static final int FORMAT_BYTES = 16;
  private static final int EXTENSIBLE_FORMAT_BYTES = 40;
  private static final int LARGEST_HEADER_CHUNK = 1 << 16;

  /** What recorders and pipes write that do not know the length. */
  private static final Set<Long> UNKNOWN_LENGTHS =
      Set.of(0L, 0x7FFFF000L, 0x7FFFFFFFL, 0x7FFFF000L - 36, 0x7FFFFFFFL - 36, 0xFFFFFFFFL);

  private static final int DECODED_AT_ONCE = 4_096;

  private final ByteSource source;
  private final boolean lengthIsMeant;
  private final List<String> notes = new ArrayList<>();
  private @Nullable WaveEncoding encoding;
  private int channels;
  private int sampleRate;

  /** Samples of each channel that the file says it has, where it says so. */
  private long factFrames = -1;

  /** Bytes of sound that the header says; only where {@link #lengthKnown}. */
  private long length;

  private boolean lengthKnown;
  private long taken;
  private final int frameBytes;
  private final byte[] bytes;
  private final float[] decoded;
  private int decodedFrom;
  private int decodedTo;
  private long samplesDecoded;
  private boolean ended;
  private final RecordingFormat format;

  /**
   * Reads the header.
   *
   * @param lengthIsMeant whether an unknown length deserves a note; not where it is a pipe's
   * @throws ForeignFormatException when the encoding is none that is decoded here
   */
  WaveReader(ByteSource source, boolean lengthIsMeant) throws IOException {
    this.source = source;
    this.lengthIsMeant = lengthIsMeant;
    long longLength = header();
    OptionalLong frames = dataLength(longLength);
    WaveEncoding encoding = encoding();
    format = new RecordingFormat("WAV, " + encoding.name(), sampleRate, channels, frames);
    frameBytes = encoding.blockBytes() * channels;
    int blocks = Math.max(1, DECODED_AT_ONCE / encoding.blockSamples() / channels) * channels;
    bytes = new byte[blocks * encoding.blockBytes()];
    decoded = new float[blocks * encoding.blockSamples()];
  }

  @Override
  public RecordingFormat format() {
    return format;
  }

  @Override
  public int read(float[] samples) throws IOException {
    int wanted = samples.length - samples.length % channels;
    int given = 0;
    while (given < wanted && (decodedFrom < decodedTo || decode())) {
      int count = Math.min(wanted - given, decodedTo - decodedFrom);
      System.arraycopy(decoded, decodedFrom, samples, given, count);
      decodedFrom += count;
      given += count;
    }
    return given == 0 ? -1 : given / channels;
  }

  @Override
  public List<String> notes() {
    return List.copyOf(notes);
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  /**
   * Reads the chunks before the sound.
   *
   * @return the length that an RF64 file keeps apart, -1 when there is none
   */
  private long header() throws IOException {
    byte[] riff = source.take(12);
    if (riff == null || !isWave(riff)) {
      throw error("is no WAVE file: it does not begin with RIFF and WAVE");
    }
    long longLength = -1;
    while (true) {
      byte[] head = source.take(8);
      if (head == null) {
        throw error("has no samples (no data chunk)");
      }
      String tag = tag(head, 0);
      long size = Integer.toUnsignedLong(little(head).getInt(4));
      if (tag.equals("data")) {
        if (encoding == null) {
          throw error("has its samples before their format (no fmt chunk)");
        }
        length = size;
        return longLength;
      }
      boolean needed = tag.equals("fmt ") || tag.equals("ds64") || tag.equals("fact");
      if (needed && size <= LARGEST_HEADER_CHUNK) {
        byte[] chunk = source.take((int) size);
        if (chunk == null) {
          throw cutOff(tag);
        }
        switch (tag) {
          case "fmt " -> format(chunk);
          case "ds64" -> longLength = size < 16 ? -1 : little(chunk).getLong(8);
          default -> factFrames = size < 4 ? -1 : Integer.toUnsignedLong(little(chunk).getInt());
        }
      } else if (needed || !source.skip(size)) {
        throw cutOff(tag);
      }
      skipPadding(size);
    }
  }

  /** Chunks of an odd length are followed by a zero byte, which some programs forget. */
  private void skipPadding(long size) throws IOException {
    if (size % 2 != 0) {
      byte[] next = source.peek(1);
      if (next.length == 1 && next[0] == 0) {
        source.skip(1);
      }
    }
  }

  private void format(byte[] chunk) throws IOException {
    if (chunk.length < FORMAT_BYTES) {
      throw error("has a format chunk of " + chunk.length + " bytes; expected at least 16");
    }
    ByteBuffer fields = little(chunk);
    int tag = Short.toUnsignedInt(fields.getShort(0));
    channels = Short.toUnsignedInt(fields.getShort(2));
    sampleRate = fields.getInt(4);
    int frameBytes = Short.toUnsignedInt(fields.getShort(12));
    int bits = Short.toUnsignedInt(fields.getShort(14));
    if (tag == EXTENSIBLE) {
      if (chunk.length < EXTENSIBLE_FORMAT_BYTES) {
        throw error("has an extensible format chunk of " + chunk.length + " bytes; expected 40");
      }
      tag = Short.toUnsignedInt(fields.getShort(24)); // the sub-format's first field
    }
    if (channels == 0) {
      throw error("has 0 channels; expected at least 1");
    }
    if (sampleRate < RecordingFormat.MINIMUM_RATE || sampleRate > RecordingFormat.MAXIMUM_RATE) {
      throw error("has a sample rate of " + sampleRate + "; expected 1000 to 384000");
    }
    // Samples of 12 or 20 bits stand in whole bytes; some headers have no bytes a frame.
    int sampleBytes = frameBytes == 0 ? (bits + 7) / 8 : frameBytes / channels;
    if (bits > 0 && bits > 8 * sampleBytes) {
      sampleBytes = (bits + 7) / 8;
    }
    encoding = WaveEncoding.of(tag, sampleBytes, channels);
    if (encoding == null) {
      throw new ForeignFormatException("WAV, " + WaveEncoding.describe(tag, bits), "wav");
    }
  }

  /** Decides what to think of the data chunk's length, and so of the number of frames. */
  private OptionalLong dataLength(long longLength) throws IOException {
    if (longLength >= 0 && length == 0xFFFFFFFFL) {
      length = longLength;
      lengthKnown = length > 0;
    } else {
      lengthKnown = !UNKNOWN_LENGTHS.contains(length);
    }
    OptionalLong remaining = source.remaining();
    if (!lengthKnown && length == 0 && (source.peek(1).length == 0 || chunkFollows())) {
      lengthKnown = true; // it is empty indeed
    }
    if (!lengthKnown) {
      if (lengthIsMeant) {
        notes.add("its header says " + length + " bytes of sound; it is heard to its end");
      }
      return frames(remaining.orElse(-1));
    }
    if (remaining.isPresent() && remaining.getAsLong() < length) {
      return frames(remaining.getAsLong()); // the note comes where it ends
    }
    return frames(length);
  }

  private OptionalLong frames(long soundBytes) {
    if (soundBytes < 0) {
      return OptionalLong.empty();
    }
    WaveEncoding encoding = encoding();
    long all = soundBytes / encoding.blockBytes() * encoding.blockSamples() / channels;
    return OptionalLong.of(
        encoding.blockSamples() > 1 && factFrames > 0 ? Math.min(all, factFrames) : all);
  }

  /** What the header says; once it was read. */
  private WaveEncoding encoding() {
    return Objects.requireNonNull(encoding);
  }

  /** Decodes the next samples; false at the end. */
  private boolean decode() throws IOException {
    WaveEncoding encoding = encoding();
    while (!ended) {
      int count = fill();
      int left = count % frameBytes;
      // Behind GSM's odd blocks some programs count the padding.
      if (left > (encoding.blockSamples() > 1 ? 1 : 0)) {
        notes.add("its last " + left + " bytes are no whole sample; they are left out");
      }
      decodedFrom = 0;
      decodedTo = encoding.decode(bytes, count / encoding.blockBytes(), decoded);
      decodedTo -= decodedTo % channels;
      if (encoding.blockSamples() > 1 && factFrames > 0 && lengthKnown) {
        // A codec with blocks fills the last one up; the fact chunk says where the sound ends.
        decodedTo = (int) Math.max(0, Math.min(decodedTo, factFrames - samplesDecoded));
      }
      for (int i = 0; i < decodedTo; i++) {
        if (!Float.isFinite(decoded[i])) {
          throw error(
              "has " + decoded[i] + " as sample " + (samplesDecoded + i) + "; expected a number");
        }
      }
      samplesDecoded += decodedTo;
      if (decodedTo > 0) {
        return true;
      }
    }
    return false;
  }

  /** Reads the next bytes of sound: whole frames, except where the file ends within one. */
  private int fill() throws IOException {
    int wanted = (int) (lengthKnown ? Math.min(bytes.length, length - taken) : bytes.length);
    int count = source.read(bytes, 0, wanted);
    taken += count;
    if (count < wanted) {
      ended = true;
      if (lengthKnown) {
        notes.add(
            "its header says "
                + length
                + " bytes of sound, but it ends after "
                + taken
                + "; it is heard to its end");
      }
    } else if (lengthKnown && taken == length) {
      skipPadding(length);
      if (source.peek(1).length == 0 || chunkFollows()) {
        ended = true;
      } else {
        lengthKnown = false;
        notes.add(
            "its header says "
                + length
                + " bytes of sound, but more follow; it is heard to its end");
        int rest = (frameBytes - count % frameBytes) % frameBytes;
        count += source.read(bytes, count, rest);
      }
    }
    return count;
  }

  /** Whether what comes next looks like a chunk's head rather than sound. */
  private boolean chunkFollows() throws IOException {
    byte[] head = source.peek(8);
    if (head.length < 8) {
      return true; // no sound either
    }
    for (int i = 0; i < 4; i++) {
      if (head[i] < ' ' || head[i] > '~') {
        return false;
      }
    }
    OptionalLong remaining = source.remaining();
    long size = Integer.toUnsignedLong(little(head).getInt(4));
    return remaining.isEmpty() || size + 8 <= remaining.getAsLong();
  }

  static boolean isWave(byte[] head) {
    String container = tag(head, 0);
    return head.length >= 12
        && (container.equals("RIFF") || container.equals("RF64") || container.equals("BW64"))
        && tag(head, 8).equals("WAVE");
  }

  private static String tag(byte[] bytes, int at) {
    return new String(bytes, at, Math.min(4, bytes.length - at), StandardCharsets.ISO_8859_1);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private RecordingException cutOff(String tag) {
    return error("is cut off in its chunk \"" + tag + "\"");
  }

  private RecordingException error(String problem) {
    return new RecordingException(source.name() + " " + problem);
  }
}
