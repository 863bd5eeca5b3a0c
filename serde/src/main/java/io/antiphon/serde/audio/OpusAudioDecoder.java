package io.antiphon.serde.audio;

import io.github.jaredmdobson.concentus.OpusDecoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Opus packets (RFC 6716), one a call. A packet says itself what it holds, so neither the rate nor
 * the channel count that it was made from matters. Decoding is always at 48 kHz: at any other rate
 * the codec library loses the lower band of hybrid packets.
 */
final class OpusAudioDecoder extends AudioDecoder {
  private static final int DECODING_RATE = 48_000;

  private final Resampler resampler = new Resampler(DECODING_RATE, SAMPLE_RATE);
  private OpusDecoder decoder = open();

  @Override
  public float[] decode(byte[] bytes) throws MalformedAudioException {
    int samples = OpusPackets.samples(bytes, DECODING_RATE);
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
    return resampler.process(result);
  }

  @Override
  public float[] flush() {
    decoder = open();
    return resampler.flush();
  }

  @Override
  void save(DataOutput out) throws IOException {
    resampler.save(out);
    OpusState.save(decoder, out);
  }

  @Override
  void load(DataInput in) throws IOException {
    resampler.load(in);
    OpusState.load(decoder, in);
  }

  private static OpusDecoder open() {
    try {
      return new OpusDecoder(DECODING_RATE, 1);
    } catch (OpusException e) {
      throw new IllegalStateException(e); // 48 kHz mono is always spoken
    }
  }
}
