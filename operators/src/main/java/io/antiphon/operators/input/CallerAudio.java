package io.antiphon.operators.input;

import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.audio.MalformedAudioException;
import io.antiphon.serde.audio.UnsupportedAudioFormatException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The caller's side of the line: bytes to 16 kHz samples, cut into turns. Owns the decoder, the
 * turn detector (absent when only the caller ends turns) and what is known of the present turn: its
 * length, its loudest frame, whether it has become too long.
 */
final class CallerAudio {
  /** Below this root mean square a turn is called silent. */
  private static final double AUDIBLE = 0.001;

  private static final RecordFormat<CallerAudio> FORMAT =
      RecordFormat.into("caller audio", 1, CallerAudio::write, CallerAudio::read);

  private static final int MINIMUM_SAMPLES = AudioDecoder.SAMPLE_RATE / 10;

  /** What comes of the audio, in order. */
  interface Listener {
    void speech(float[] samples);

    /**
     * @param failure why the turn cannot be answered, or null
     */
    void turnEnded(Failure failure);
  }

  private final AudioFormat format;
  private final TurnDetector detector;
  private final long maximumSamples;
  private AudioDecoder decoder;
  private long turnSamples;
  private double loudest;
  private boolean discarding;

  /**
   * @param silenceMillis quiet that ends a turn, 0 when only the caller ends turns
   */
  CallerAudio(AudioFormat format, int silenceMillis, long maximumSamples)
      throws UnsupportedAudioFormatException {
    this.format = format;
    this.detector = silenceMillis == 0 ? null : new TurnDetector(silenceMillis);
    this.maximumSamples = maximumSamples;
    this.decoder = AudioDecoder.of(format);
  }

  /**
   * @throws MalformedAudioException when the bytes are none of the format; nothing has changed then
   */
  void append(ByteBuffer chunk, Listener listener) throws MalformedAudioException {
    byte[] bytes = new byte[chunk.remaining()];
    chunk.duplicate().get(bytes);
    samples(decoder.decode(bytes), listener);
  }

  /**
   * The caller says that the turn is over. Where silence ends turns as well, that does nothing
   * between turns: the turn that is meant may just have been found.
   */
  void end(Listener listener) {
    samples(decoder.flush(), listener);
    if (detector != null) {
      detector.end(found(listener));
      if (turnSamples == 0) {
        return;
      }
    }
    finish(listener);
  }

  /** Forgets the present turn; true when it had audio. */
  boolean drop() {
    boolean some = turnSamples > 0;
    decoder.flush();
    if (detector != null) {
      detector.restart();
    }
    reset();
    return some;
  }

  private void samples(float[] samples, Listener listener) {
    if (detector == null) {
      speech(samples, listener);
      return;
    }
    detector.append(samples, found(listener));
  }

  private TurnDetector.Listener found(Listener listener) {
    return new TurnDetector.Listener() {
      @Override
      public void speech(float[] piece) {
        CallerAudio.this.speech(piece, listener);
      }

      @Override
      public void turnEnded() {
        finish(listener);
      }
    };
  }

  private void speech(float[] samples, Listener listener) {
    if (samples.length == 0 || discarding) {
      return;
    }
    turnSamples += samples.length;
    if (turnSamples > maximumSamples) {
      discarding = true;
      listener.turnEnded(
          new Failure(
              FailureCodes.TURN_TOO_LONG,
              "the turn is longer than "
                  + maximumSamples / AudioDecoder.SAMPLE_RATE
                  + " s; audio is ignored until it ends"));
      return;
    }
    for (int at = 0; at < samples.length; at += TurnDetector.FRAME) {
      int end = Math.min(samples.length, at + TurnDetector.FRAME);
      loudest = Math.max(loudest, TurnDetector.level(samples, at, end));
    }
    listener.speech(samples);
  }

  private void finish(Listener listener) {
    boolean answered = discarding;
    Failure failure = null;
    if (turnSamples < MINIMUM_SAMPLES) {
      failure =
          new Failure(
              FailureCodes.EMPTY_TURN,
              "the turn has "
                  + turnSamples * 1000 / AudioDecoder.SAMPLE_RATE
                  + " ms of audio, expected at least "
                  + MINIMUM_SAMPLES * 1000L / AudioDecoder.SAMPLE_RATE
                  + " ms");
    } else if (loudest < AUDIBLE) {
      failure = new Failure(FailureCodes.SILENT_TURN, "nothing can be heard in the turn's audio");
    }
    reset();
    if (!answered) {
      listener.turnEnded(failure);
    }
  }

  private void reset() {
    turnSamples = 0;
    loudest = 0;
    discarding = false;
  }

  void save(DataOutput out) throws IOException {
    FORMAT.put(this, out);
  }

  private void write(DataOutput out) throws IOException {
    StateEncoding.writeBytes(decoder.state(), out);
    out.writeLong(turnSamples);
    out.writeDouble(loudest);
    out.writeBoolean(discarding);
    if (detector != null) {
      detector.save(out);
    }
  }

  void load(DataInput in) throws IOException {
    FORMAT.load(this, in);
  }

  private void read(int version, DataInput in) throws IOException {
    byte[] state = StateEncoding.readBytes(in);
    try {
      decoder = AudioDecoder.restore(format, state);
    } catch (UnsupportedAudioFormatException e) {
      throw new IOException(e);
    }
    turnSamples = in.readLong();
    loudest = in.readDouble();
    discarding = in.readBoolean();
    if (detector != null) {
      detector.load(in);
    }
  }
}
