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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Opus packets of 20 ms at 24 kHz, about 32 kbit/s, in the restricted low-delay mode: its
 * look-ahead is 2.5 ms instead of 6.5, and it costs a fraction of the speech mode's time.
 *
 * <p>The codec library cannot save an encoder, so the state is the samples that the present one has
 * encoded, and restoring encodes them again. They stay few because a fresh encoder takes over every
 * {@link #TERM} packets. It has encoded the last {@link #WARM_UP} frames beside the present one,
 * and its first packet that is sent predicts nothing from earlier ones, so that the caller's
 * decoder need not know of the change. When an encoder takes over depends on the packet's number in
 * the stream alone, so a restored one makes the packets of an undisturbed one bit for bit.
 */
final class OpusAudioEncoder extends AudioEncoder {
  private static final int FRAME = SAMPLE_RATE / 50;
  private static final int BITRATE = 32_000;
  private static final int COMPLEXITY = 5;

  /** Packets of one encoder: one second. */
  private static final int TERM = 50;

  /** Frames that an encoder encodes before its first packet is sent. */
  private static final int WARM_UP = 5;

  private static final int CAPACITY = (TERM + WARM_UP) * FRAME;

  /** What {@link #present} has encoded, then what waits for a whole frame. */
  private final short[] samples = new short[CAPACITY];

  private int count;
  private OpusEncoder present = open();

  /**
   * Frames since the present encoder's first one; the stream's first encoder counts as warmed up.
   */
  private int position = WARM_UP;

  private @Nullable OpusEncoder next;
  private final byte[] buffer = new byte[1275];

  @Override
  public List<AudioPacket> encode(float[] added) throws MalformedAudioException {
    SampleCoding.requireFinite(added);
    return append(SampleCoding.to16Bits(added));
  }

  @Override
  public List<AudioPacket> flush() {
    if (count == 0) {
      return List.of();
    }
    // What was said last comes out of the decoder only after the look-ahead.
    int waiting = count % FRAME;
    int frames = (waiting + present.getLookahead() + FRAME - 1) / FRAME;
    List<AudioPacket> packets = append(new short[frames * FRAME - waiting]);
    present = open();
    next = null;
    position = WARM_UP;
    count = 0;
    return packets;
  }

  @Override
  public int sampleRate() {
    return SAMPLE_RATE;
  }

  @Override
  void save(DataOutput out) throws IOException {
    out.writeByte(position);
    AudioState.writeShorts(out, samples, count);
  }

  @Override
  void load(DataInput in) throws IOException {
    int saved = in.readUnsignedByte();
    short[] again = AudioState.readShorts(in, CAPACITY - 1);
    position = saved - again.length / FRAME;
    if (position != 0 && position != WARM_UP) {
      throw new IOException(again.length + " samples at frame " + saved);
    }
    append(again);
    if (position != saved) {
      throw new IOException("frame " + position + " after " + again.length + " samples");
    }
  }

  private List<AudioPacket> append(short[] added) {
    List<AudioPacket> packets = new ArrayList<>();
    for (int taken = 0; taken < added.length; ) {
      int length = Math.min(FRAME - count % FRAME, added.length - taken);
      System.arraycopy(added, taken, samples, count, length);
      taken += length;
      count += length;
      if (count % FRAME == 0) {
        packets.add(packet());
      }
    }
    return packets;
  }

  /** Encodes the last frame of {@link #samples}. */
  private AudioPacket packet() {
    if (position == TERM) {
      next = open();
    }
    if (next != null) {
      encode(next);
    }
    present.setPredictionDisabled(position == WARM_UP);
    int length = encode(present);
    AudioPacket packet = new AudioPacket(Arrays.copyOf(buffer, length), FRAME);
    position++;
    if (position == TERM + WARM_UP) {
      present = Objects.requireNonNull(next);
      next = null;
      position = WARM_UP;
      System.arraycopy(samples, count - WARM_UP * FRAME, samples, 0, WARM_UP * FRAME);
      count = WARM_UP * FRAME;
    }
    return packet;
  }

  private int encode(OpusEncoder encoder) {
    try {
      return encoder.encode(samples, count - FRAME, FRAME, buffer, 0, buffer.length);
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
