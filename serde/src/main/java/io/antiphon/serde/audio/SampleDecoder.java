package io.antiphon.serde.audio;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * PCM16, mu-law or A-law at any input rate. Its state is the resampler's and, where a chunk ended
 * within a sample, that sample's first byte: it waits for the next chunk. At the end of the stream
 * half a sample is dropped.
 */
final class SampleDecoder extends AudioDecoder {
  private static final byte[] NONE = {};

  private final SampleCoding coding;
  private final Resampler resampler;
  private byte[] begun = NONE;

  SampleDecoder(SampleCoding coding, int sampleRate) {
    this.coding = coding;
    this.resampler = new Resampler(sampleRate, SAMPLE_RATE);
  }

  @Override
  public float[] decode(byte[] bytes) {
    byte[] all = bytes;
    if (begun.length > 0) {
      all = Arrays.copyOf(begun, begun.length + bytes.length);
      System.arraycopy(bytes, 0, all, begun.length, bytes.length);
    }
    int whole = all.length - all.length % coding.bytesPerSample();
    begun = whole == all.length ? NONE : Arrays.copyOfRange(all, whole, all.length);
    return resampler.process(coding.decode(all, 0, whole));
  }

  @Override
  public float[] flush() {
    begun = NONE;
    return resampler.flush();
  }

  @Override
  void save(DataOutput out) throws IOException {
    resampler.save(out);
    out.writeByte(begun.length);
    out.write(begun);
  }

  @Override
  void load(DataInput in) throws IOException {
    resampler.load(in);
    int length = in.readUnsignedByte();
    if (length >= coding.bytesPerSample()) {
      throw new IOException(length + " bytes of a sample that has " + coding.bytesPerSample());
    }
    begun = new byte[length];
    in.readFully(begun);
  }
}
