package io.antiphon.serde.audio;

import io.antiphon.schemas.AudioFormat;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * Turns the answer's 24 kHz mono samples into the bytes the caller asked for, piece by piece.
 * However the samples are cut, the bytes put together are the same. Not thread safe; one per
 * stream.
 */
public abstract class AudioEncoder {
  /** Hertz of everything that goes in. */
  public static final int SAMPLE_RATE = 24_000;

  AudioEncoder() {}

  /**
   * An encoder at the start of a stream.
   *
   * @throws UnsupportedAudioFormatException when encoding or rate is unknown
   */
  public static AudioEncoder of(AudioFormat format) throws UnsupportedAudioFormatException {
    return AudioFormats.encoder(format);
  }

  /**
   * An encoder that goes on where another one of the same format stood.
   *
   * @param state what {@link #state()} gave
   * @throws IllegalArgumentException when the state is of another format or version
   */
  public static AudioEncoder restore(AudioFormat format, byte[] state)
      throws UnsupportedAudioFormatException {
    AudioEncoder encoder = of(format);
    AudioState.restore(state, "audio encoder of " + AudioFormats.describe(format), encoder::load);
    return encoder;
  }

  /**
   * Encodes the next samples.
   *
   * @param samples 24 kHz mono; values outside [-1, 1] are clipped
   * @return what is complete so far: at most one packet for PCM, mu-law and A-law, one every 20 ms
   *     for Opus; empty when nothing is
   * @throws MalformedAudioException when a sample is NaN or infinite; nothing is consumed
   */
  public abstract List<AudioPacket> encode(float[] samples) throws MalformedAudioException;

  /**
   * The stream's last packets: what waited for more samples, filled up with silence where the
   * format has frames. Afterwards the encoder is at a start again.
   */
  public abstract List<AudioPacket> flush();

  /** Hertz that {@link AudioPacket#samples()} counts in. */
  public abstract int sampleRate();

  /** Everything that {@link #restore} needs, opaque and versioned. */
  public final byte[] state() {
    return AudioState.save(this::save);
  }

  /** Writes the fields behind {@link #state()}. */
  abstract void save(DataOutput out) throws IOException;

  /** Reads what {@link #save} wrote. */
  abstract void load(DataInput in) throws IOException;
}
