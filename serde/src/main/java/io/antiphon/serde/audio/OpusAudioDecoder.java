package io.antiphon.serde.audio;

import io.github.jaredmdobson.concentus.OpusDecoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Opus packets (RFC 6716), one a call. A packet says itself what it holds, so neither the rate nor
 * the channel count that it was made from matters. Decoding is always at 48 kHz: at any other rate
 * the codec library loses the lower band of hybrid packets.
 *
 * <p>The codec library cannot save a decoder, so the state is the packets that the present one has
 * decoded, and restoring decodes them again. They stay few because a fresh decoder takes over after
 * {@link #TERM_SAMPLES} of audio. It has decoded the last {@link #WARM_UP_SAMPLES} beside the
 * present one, after which the two differ by less than a hundredth of the voice. When a decoder
 * takes over depends on the packets alone, so a restored one gives the samples of an undisturbed
 * one bit for bit.
 */
final class OpusAudioDecoder extends AudioDecoder {
  private static final int DECODING_RATE = 48_000;

  /** A decoder's term of office: 2 s, or less where packets are large. */
  private static final int TERM_SAMPLES = 2 * DECODING_RATE;

  private static final int TERM_BYTES = 1 << 16;

  /** 0.4 s, or less where packets are large. */
  private static final int WARM_UP_SAMPLES = 2 * DECODING_RATE / 5;

  private static final int WARM_UP_BYTES = 1 << 16;

  /** How long an empty packet lasts before any other came: 20 ms. */
  private static final int USUAL_SAMPLES = DECODING_RATE / 50;

  private final Resampler resampler = new Resampler(DECODING_RATE, SAMPLE_RATE);

  /** What {@link #present} has decoded. */
  private final OpusPacketLog packets = new OpusPacketLog();

  private OpusDecoder present = open();
  private int presentSamples;

  /** The one that takes over next, from its first packet on. */
  private @Nullable OpusDecoder next;

  private int nextSamples;
  private int nextBegin;

  private int lastSamples = USUAL_SAMPLES;

  /**
   * Decodes one packet; an empty one (discontinuous transmission) is silence as long as the last.
   */
  @Override
  public float[] decode(byte[] bytes) throws MalformedAudioException {
    if (bytes.length == 0) {
      return resampler.process(new float[lastSamples]);
    }
    return resampler.process(SampleCoding.toFloats(take(bytes)));
  }

  @Override
  public float[] flush() {
    restart();
    lastSamples = USUAL_SAMPLES;
    return resampler.flush();
  }

  @Override
  void save(DataOutput out) throws IOException {
    resampler.save(out);
    out.writeInt(lastSamples);
    packets.save(out);
  }

  @Override
  void load(DataInput in) throws IOException {
    resampler.load(in);
    int last = in.readInt();
    if (last < 0 || last > DECODING_RATE) {
      throw new IOException("a packet of " + last + " samples");
    }
    OpusPacketLog.load(in, this::take);
    lastSamples = last;
  }

  private short[] take(byte[] packet) throws MalformedAudioException {
    int samples = OpusPackets.samples(packet, DECODING_RATE);
    short[] decoded = new short[samples];
    try {
      decode(present, packet, decoded);
    } catch (MalformedAudioException e) {
      // The framing was right but the payload was not; what the decoder holds now is of no use.
      restart();
      throw e;
    }
    if (next == null && (presentSamples >= TERM_SAMPLES || packets.length() >= TERM_BYTES)) {
      next = open();
      nextSamples = 0;
      nextBegin = packets.length();
    }
    packets.append(packet);
    presentSamples += samples;
    lastSamples = samples;
    if (next != null) {
      warmUp(next, packet, samples);
    }
    return decoded;
  }

  private void warmUp(OpusDecoder decoder, byte[] packet, int samples) {
    try {
      decode(decoder, packet, new short[samples]);
    } catch (MalformedAudioException e) {
      next = null; // one that begins at a later packet takes over instead
      return;
    }
    nextSamples += samples;
    if (nextSamples >= WARM_UP_SAMPLES || packets.length() - nextBegin >= WARM_UP_BYTES) {
      present = decoder;
      presentSamples = nextSamples;
      packets.dropBefore(nextBegin);
      next = null;
    }
  }

  private void restart() {
    present = open();
    presentSamples = 0;
    next = null;
    packets.clear();
  }

  private static void decode(OpusDecoder decoder, byte[] packet, short[] decoded)
      throws MalformedAudioException {
    int count;
    try {
      count = decoder.decode(packet, 0, packet.length, decoded, 0, decoded.length, false);
    } catch (OpusException | RuntimeException e) {
      throw new MalformedAudioException(
          "the Opus packet of " + packet.length + " bytes cannot be decoded: " + e.getMessage(), e);
    }
    if (count != decoded.length) {
      throw new MalformedAudioException(
          "the Opus packet of "
              + packet.length
              + " bytes gives "
              + count
              + " samples; its header says "
              + decoded.length);
    }
  }

  private static OpusDecoder open() {
    try {
      return new OpusDecoder(DECODING_RATE, 1);
    } catch (OpusException e) {
      throw new IllegalStateException(e); // 48 kHz mono is always spoken
    }
  }
}
