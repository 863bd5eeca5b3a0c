package io.antiphon.serde.audio;

import io.github.jaredmdobson.concentus.OpusApplication;
import io.github.jaredmdobson.concentus.OpusEncoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Opus packets of 20 ms at 24 kHz, about 32 kbit/s, in the restricted low-delay mode: its
 * look-ahead is 2.5 ms instead of 6.5, and it costs a fraction of the speech mode's time.
 */
final class OpusAudioEncoder extends AudioEncoder {
  private static final int FRAME = SAMPLE_RATE / 50;
  private static final int BITRATE = 32_000;
  private static final int COMPLEXITY = 5;

  private OpusEncoder encoder = open();

  /** Samples that wait for a whole frame. */
  private final float[] waiting = new float[FRAME];

  private int waitingCount;
  private boolean started;
  private final byte[] buffer = new byte[1275];

  @Override
  public List<AudioPacket> encode(float[] samples) throws MalformedAudioException {
    SampleCoding.requireFinite(samples);
    started |= samples.length > 0;
    return append(samples);
  }

  @Override
  public List<AudioPacket> flush() {
    if (!started) {
      return List.of();
    }
    // What was said last comes out of the decoder only after the look-ahead.
    int end = waitingCount + encoder.getLookahead();
    int frames = (end + FRAME - 1) / FRAME;
    List<AudioPacket> packets = append(new float[frames * FRAME - waitingCount]);
    encoder = open();
    started = false;
    return packets;
  }

  @Override
  public int sampleRate() {
    return SAMPLE_RATE;
  }

  @Override
  void save(DataOutput out) throws IOException {
    out.writeBoolean(started);
    AudioState.writeFloats(out, waiting, waitingCount);
    OpusState.save(encoder, out);
  }

  @Override
  void load(DataInput in) throws IOException {
    started = in.readBoolean();
    float[] saved = AudioState.readFloats(in, FRAME - 1);
    System.arraycopy(saved, 0, waiting, 0, saved.length);
    waitingCount = saved.length;
    OpusState.load(encoder, in);
  }

  private List<AudioPacket> append(float[] samples) {
    List<AudioPacket> packets = new ArrayList<>();
    int taken = 0;
    while (taken < samples.length) {
      int count = Math.min(FRAME - waitingCount, samples.length - taken);
      System.arraycopy(samples, taken, waiting, waitingCount, count);
      taken += count;
      waitingCount += count;
      if (waitingCount == FRAME) {
        packets.add(packet());
        waitingCount = 0;
      }
    }
    return packets;
  }

  private AudioPacket packet() {
    short[] frame = new short[FRAME];
    for (int i = 0; i < FRAME; i++) {
      frame[i] = SampleCoding.quantize(waiting[i]);
    }
    try {
      int length = encoder.encode(frame, 0, FRAME, buffer, 0, buffer.length);
      return new AudioPacket(Arrays.copyOf(buffer, length), FRAME);
    } catch (OpusException e) {
      throw new IllegalStateException(e); // a whole frame and room for the largest packet
    }
  }

  private static OpusEncoder open() {
    try {
      OpusEncoder encoder =
          new OpusEncoder(SAMPLE_RATE, 1, OpusApplication.OPUS_APPLICATION_RESTRICTED_LOWDELAY);
      encoder.setBitrate(BITRATE);
      encoder.setComplexity(COMPLEXITY);
      return encoder;
    } catch (OpusException e) {
      throw new IllegalStateException(e); // 24 kHz mono is always spoken
    }
  }
}
