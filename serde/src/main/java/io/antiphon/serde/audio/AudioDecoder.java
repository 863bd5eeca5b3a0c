package io.antiphon.serde.audio;

import io.antiphon.schemas.AudioFormat;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Turns a caller's bytes into 16 kHz mono samples in [-1, 1], piece by piece. However the bytes are
 * cut, the samples put together are the same bit for bit. Not thread safe; one per stream.
 */
public abstract class AudioDecoder {
  /** Hertz of everything that comes out. */
  public static final int SAMPLE_RATE = 16_000;

  AudioDecoder() {}

  /**
   * A decoder at the start of a stream.
   *
   * @throws UnsupportedAudioFormatException when encoding or rate is unknown
   */
  public static AudioDecoder of(AudioFormat format) throws UnsupportedAudioFormatException {
    return AudioFormats.decoder(format);
  }

  /**
   * A decoder that goes on where another one of the same format stood.
   *
   * @param state what {@link #state()} gave
   * @throws IllegalArgumentException when the state is of another format or version
   */
  public static AudioDecoder restore(AudioFormat format, byte[] state)
      throws UnsupportedAudioFormatException {
    AudioDecoder decoder = of(format);
    AudioState.restore(state, "audio decoder of " + AudioFormats.describe(format), decoder::load);
    return decoder;
  }

  /**
   * Decodes the next bytes; for Opus, exactly one packet.
   *
   * @return samples at {@link #SAMPLE_RATE} that are complete so far, perhaps none
   * @throws MalformedAudioException when the bytes are none of the format; nothing is consumed and
   *     the stream can go on (after an Opus packet that breaks only inside a frame, with a decoder
   *     that remembers no earlier packet)
   */
  public abstract float[] decode(byte[] bytes) throws MalformedAudioException;

  /**
   * The last samples of the stream, those that waited for a successor. Afterwards it is at a start
   * again.
   */
  public abstract float[] flush();

  /** Everything that {@link #restore} needs, opaque and versioned. */
  public final byte[] state() {
    return AudioState.save(this::save);
  }

  /** Writes the fields behind {@link #state()}. */
  abstract void save(DataOutput out) throws IOException;

  /** Reads what {@link #save} wrote. */
  abstract void load(DataInput in) throws IOException;
}
