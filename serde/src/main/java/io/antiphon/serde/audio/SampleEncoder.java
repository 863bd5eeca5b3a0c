package io.antiphon.serde.audio;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** PCM16, mu-law or A-law at the rate the format has. Its state is the resampler's. */
final class SampleEncoder extends AudioEncoder {
  private final SampleCoding coding;
  private final int sampleRate;
  private final Resampler resampler;

  SampleEncoder(SampleCoding coding, int sampleRate) {
    this.coding = coding;
    this.sampleRate = sampleRate;
    this.resampler = new Resampler(SAMPLE_RATE, sampleRate);
  }

  @Override
  public List<AudioPacket> encode(float[] samples) throws MalformedAudioException {
    SampleCoding.requireFinite(samples);
    return packet(resampler.process(samples));
  }

  @Override
  public List<AudioPacket> flush() {
    return packet(resampler.flush());
  }

  @Override
  public int sampleRate() {
    return sampleRate;
  }

  @Override
  void save(DataOutput out) throws IOException {
    resampler.save(out);
  }

  @Override
  void load(DataInput in) throws IOException {
    resampler.load(in);
  }

  private List<AudioPacket> packet(float[] samples) {
    return samples.length == 0
        ? List.of()
        : List.of(new AudioPacket(coding.encode(samples), samples.length));
  }
}
