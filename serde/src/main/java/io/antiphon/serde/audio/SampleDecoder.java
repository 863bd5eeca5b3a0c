package io.antiphon.serde.audio;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** PCM16, mu-law or A-law at any input rate. Its state is the resampler's. */
final class SampleDecoder extends AudioDecoder {
  private final SampleCoding coding;
  private final Resampler resampler;

  SampleDecoder(SampleCoding coding, int sampleRate) {
    this.coding = coding;
    this.resampler = new Resampler(sampleRate, SAMPLE_RATE);
  }

  @Override
  public float[] decode(byte[] bytes) throws MalformedAudioException {
    return resampler.process(coding.decode(bytes));
  }

  @Override
  public float[] flush() {
    return resampler.flush();
  }

  @Override
  void save(DataOutput out) throws IOException {
    resampler.save(out);
  }

  @Override
  void load(DataInput in) throws IOException {
    resampler.load(in);
  }
}
