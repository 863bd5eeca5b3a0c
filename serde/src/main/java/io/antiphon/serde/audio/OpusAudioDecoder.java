package io.antiphon.serde.audio;

import io.github.jaredmdobson.concentus.OpusDecoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Opus packets (RFC 6716), one a call. A packet says itself what it holds, so the decoder gives 16
 * kHz mono straight away, whatever rate and channel count it was made from.
 */
final class OpusAudioDecoder extends AudioDecoder {
  private OpusDecoder decoder = open();

  @Override
  public float[] decode(byte[] bytes) throws MalformedAudioException {
    int samples = OpusPackets.samples(bytes, SAMPLE_RATE);
    short[] decoded = new short[samples];
    int count;
    try {
      count = decoder.decode(bytes, 0, bytes.length, decoded, 0, samples, false);
    } catch (OpusException | RuntimeException e) {
      // The framing was right but the payload was not; what the decoder holds now is of no use.
      decoder = open();
      throw new MalformedAudioException(
          "the Opus packet of " + bytes.length + " bytes cannot be decoded: " + e.getMessage(), e);
    }
    float[] result = new float[count];
    for (int i = 0; i < count; i++) {
      result[i] = decoded[i] / SampleCoding.FULL_SCALE;
    }
    return result;
  }

  /** Nothing waits: every packet is decoded whole. */
  @Override
  public float[] flush() {
    decoder = open();
    return new float[0];
  }

  @Override
  void save(DataOutput out) throws IOException {
    OpusState.save(decoder, out);
  }

  @Override
  void load(DataInput in) throws IOException {
    OpusState.load(decoder, in);
  }

  private static OpusDecoder open() {
    try {
      return new OpusDecoder(SAMPLE_RATE, 1);
    } catch (OpusException e) {
      throw new IllegalStateException(e); // 16 kHz mono is always spoken
    }
  }
}
