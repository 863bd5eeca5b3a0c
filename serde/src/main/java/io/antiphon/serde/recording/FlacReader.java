package io.antiphon.serde.recording;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** The frames of one FLAC stream (RFC 9639), each checked by its two checksums. */
final class FlacReader implements RecordingReader {
  private static final int STREAM_INFORMATION = 0;
  private static final int STREAM_INFORMATION_BYTES = 34;
  private static final int LARGEST_BLOCK = 65_535;

  private static final int LEFT_SIDE = 8;
  private static final int SIDE_RIGHT = 9;
  private static final int MIDDLE_SIDE = 10;

  private final ByteSource source;
  private final FlacBits bits;
  private final RecordingFormat format;
  private final int bitsPerSample;

  /** [channels][samples] of the present frame. */
  private final long[][] block;

  private int blockFrom;
  private int blockTo;
  private long framesDecoded;
  private boolean ended;

  /** Reads what comes before the first frame. */
  FlacReader(ByteSource source) throws IOException {
    this.source = source;
    this.bits = new FlacBits(source);
    source.skip(4); // fLaC
    byte[] information = null;
    boolean last = false;
    while (!last) {
      byte[] head = source.take(4);
      if (head == null) {
        throw error("is cut off before its first sound");
      }
      last = (head[0] & 0x80) != 0;
      int length = (head[1] & 0xFF) << 16 | (head[2] & 0xFF) << 8 | (head[3] & 0xFF);
      if ((head[0] & 0x7F) == STREAM_INFORMATION && length >= STREAM_INFORMATION_BYTES) {
        information = source.take(STREAM_INFORMATION_BYTES);
        length -= STREAM_INFORMATION_BYTES;
      }
      if (!source.skip(length)) {
        throw error("is cut off before its first sound");
      }
    }
    if (information == null) {
      throw error("is a FLAC file without stream information");
    }
    long packed = 0;
    for (int i = 10; i < 18; i++) {
      packed = (packed << 8) | (information[i] & 0xFF);
    }
    // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples
    int sampleRate = (int) (packed >>> 44);
    int channels = (int) ((packed >>> 41) & 7) + 1;
    bitsPerSample = (int) ((packed >>> 36) & 31) + 1;
    long frames = packed & 0xFFFFFFFFFL;
    if (sampleRate < RecordingFormat.MINIMUM_RATE || sampleRate > RecordingFormat.MAXIMUM_RATE) {
      throw error("has a sample rate of " + sampleRate + "; expected 1000 to 384000");
    }
    format =
        new RecordingFormat(
            "FLAC, " + bitsPerSample + " bit",
            sampleRate,
            channels,
            frames == 0 ? OptionalLong.empty() : OptionalLong.of(frames));
    block = new long[channels][LARGEST_BLOCK + 1];
  }

  @Override
  public RecordingFormat format() {
    return format;
  }

  @Override
  public int read(float[] samples) throws IOException {
    if (blockFrom == blockTo && !nextFrame()) {
      ended = true;
      return -1;
    }
    int channels = format.channels();
    int frames = Math.min(samples.length / channels, blockTo - blockFrom);
    double scale = 1.0 / (1L << (bitsPerSample - 1));
    for (int i = 0; i < frames; i++) {
      for (int channel = 0; channel < channels; channel++) {
        samples[i * channels + channel] = (float) (block[channel][blockFrom + i] * scale);
      }
    }
    blockFrom += frames;
    return frames;
  }

  @Override
  public List<String> notes() {
    if (!ended || framesDecoded >= format.frames().orElse(0)) {
      return List.of();
    }
    return List.of(
        "its header says "
            + format.frames().getAsLong()
            + " samples, but it ends after "
            + framesDecoded
            + "; it is heard to its end");
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  private boolean nextFrame() throws IOException {
    blockFrom = 0;
    blockTo = 0;
    byte[] head = source.peek(2);
    if (head.length < 2 || (head[0] == 'T' && head[1] == 'A')) {
      return false; // the end, or an ID3 tag behind it
    }
    if (head[0] != (byte) 0xFF || (head[1] & 0xFE) != 0xF8) {
      throw damaged("no frame begins");
    }
    bits.begin();
    try {
      frame();
    } catch (FlacBits.EndException e) {
      blockTo = 0; // a frame that its recorder did not finish
      return false;
    }
    framesDecoded += blockTo;
    return true;
  }

  private void frame() throws IOException {
    bits.read(16);
    int sizeCode = bits.read(4);
    int rateCode = bits.read(4);
    int assignment = bits.read(4);
    bits.read(4); // the sample size, which the stream information has too
    codedNumber();
    int size =
        switch (sizeCode) {
          case 0 -> throw damaged("its block size is reserved");
          case 1 -> 192;
          case 2, 3, 4, 5 -> 576 << (sizeCode - 2);
          case 6 -> bits.read(8) + 1;
          case 7 -> bits.read(16) + 1;
          default -> 256 << (sizeCode - 8);
        };
    switch (rateCode) {
      case 12 -> bits.read(8);
      case 13, 14 -> bits.read(16);
      default -> {} // the rate of the stream information
    }
    bits.requireHeaderChecksum(this::damaged);
    int channels = format.channels();
    int coded = assignment < LEFT_SIDE ? assignment + 1 : 2;
    if (assignment > MIDDLE_SIDE || coded != channels) {
      throw damaged("its channels are " + assignment + ", other than the stream's " + channels);
    }
    for (int channel = 0; channel < channels; channel++) {
      boolean side =
          channel == 0
              ? assignment == SIDE_RIGHT
              : assignment == LEFT_SIDE || assignment == MIDDLE_SIDE;
      subframe(block[channel], size, bitsPerSample + (side ? 1 : 0));
    }
    bits.requireFrameChecksum(this::damaged);
    join(assignment, size);
    blockTo = size;
  }

  /** The frame's number, coded as UTF-8 codes characters; its value is not needed. */
  private void codedNumber() throws IOException {
    int first = bits.read(8);
    int more = Math.max(0, Integer.numberOfLeadingZeros(~first << 24) - 1);
    for (int i = 0; i < more; i++) {
      bits.read(8);
    }
  }

  /** Makes left and right of what was coded. */
  private void join(int assignment, int size) {
    if (assignment < LEFT_SIDE) {
      return;
    }
    long[] first = block[0];
    long[] second = block[1];
    for (int i = 0; i < size; i++) {
      switch (assignment) {
        case LEFT_SIDE -> second[i] = first[i] - second[i];
        case SIDE_RIGHT -> first[i] += second[i];
        default -> {
          long middle = (first[i] << 1) | (second[i] & 1);
          long side = second[i];
          first[i] = (middle + side) >> 1;
          second[i] = (middle - side) >> 1;
        }
      }
    }
  }

  private void subframe(long[] samples, int size, int sampleBits) throws IOException {
    bits.read(1);
    int type = bits.read(6);
    int wasted = bits.read(1) == 0 ? 0 : bits.zeros() + 1;
    int width = sampleBits - wasted;
    if (width < 1) {
      throw damaged("a sample has " + width + " bits");
    }
    if (type == 0) {
      long constant = bits.readSigned(width);
      Arrays.fill(samples, 0, size, constant);
    } else if (type == 1) {
      for (int i = 0; i < size; i++) {
        samples[i] = bits.readSigned(width);
      }
    } else if (type >= 8 && type <= 12) {
      fixed(samples, size, width, type - 8);
    } else if (type >= 32) {
      linear(samples, size, width, type - 31);
    } else {
      throw damaged("its subframe type is " + type);
    }
    if (wasted > 0) {
      for (int i = 0; i < size; i++) {
        samples[i] <<= wasted;
      }
    }
  }

  private void fixed(long[] samples, int size, int width, int order) throws IOException {
    warmUp(samples, size, width, order);
    residual(samples, size, order);
    for (int i = order; i < size; i++) {
      samples[i] +=
          switch (order) {
            case 0 -> 0;
            case 1 -> samples[i - 1];
            case 2 -> 2 * samples[i - 1] - samples[i - 2];
            case 3 -> 3 * (samples[i - 1] - samples[i - 2]) + samples[i - 3];
            default -> 4 * (samples[i - 1] + samples[i - 3]) - 6 * samples[i - 2] - samples[i - 4];
          };
    }
  }

  private void linear(long[] samples, int size, int width, int order) throws IOException {
    warmUp(samples, size, width, order);
    int precision = bits.read(4) + 1;
    int shift = (int) bits.readSigned(5);
    if (precision == 16 || shift < 0) {
      throw damaged("its predictor has precision " + precision + " and shift " + shift);
    }
    long[] coefficients = new long[order];
    for (int i = 0; i < order; i++) {
      coefficients[i] = bits.readSigned(precision);
    }
    residual(samples, size, order);
    for (int i = order; i < size; i++) {
      long sum = 0;
      for (int j = 0; j < order; j++) {
        sum += coefficients[j] * samples[i - 1 - j];
      }
      samples[i] += sum >> shift;
    }
  }

  private void warmUp(long[] samples, int size, int width, int order) throws IOException {
    if (order > size) {
      throw damaged("a block of " + size + " samples is predicted from " + order);
    }
    for (int i = 0; i < order; i++) {
      samples[i] = bits.readSigned(width);
    }
  }

  /** Rice codes in partitions of their own parameter. */
  private void residual(long[] samples, int size, int order) throws IOException {
    int method = bits.read(2);
    if (method > 1) {
      throw damaged("its residual is coded by method " + method);
    }
    int parameterBits = 4 + method;
    int escape = (1 << parameterBits) - 1;
    int partitions = 1 << bits.read(4);
    int length = size / partitions;
    if (length * partitions != size || length < order) {
      throw damaged("a block of " + size + " samples has " + partitions + " partitions");
    }
    int at = order;
    for (int partition = 0; partition < partitions; partition++) {
      int end = (partition + 1) * length;
      int parameter = bits.read(parameterBits);
      if (parameter == escape) {
        int width = bits.read(5);
        for (; at < end; at++) {
          samples[at] = bits.readSigned(width);
        }
      } else {
        for (; at < end; at++) {
          long folded = ((long) bits.zeros() << parameter) | (bits.read(parameter) & 0xFFFFFFFFL);
          samples[at] = (folded >>> 1) ^ -(folded & 1);
        }
      }
    }
  }

  private RecordingException damaged(String problem) {
    return error("is damaged after " + framesDecoded + " samples: " + problem);
  }

  private RecordingException error(String problem) {
    return new RecordingException(source.name() + " " + problem);
  }
}
