package io.antiphon.operators.input;

import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.TurnSettings;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.audio.MalformedAudioException;
import io.antiphon.serde.audio.UnsupportedAudioFormatException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The caller's side of the line: bytes to 16 kHz samples, cut into turns. Owns the decoder, the
 * turn detector (absent when only the caller ends turns) and what is known of the present turn: its
 * length, its loudest frame, whether anybody speaks in it, whether it has become too long.
 */
final class CallerAudio {
  /** Below this root mean square a turn is called silent. */
  private static final double AUDIBLE = 0.001;

  private static final RecordFormat<CallerAudio> FORMAT =
      RecordFormat.into("caller audio", 1, CallerAudio::write, CallerAudio::read);

  private static final int MINIMUM_SAMPLES = AudioDecoder.SAMPLE_RATE / 10;

  /** What comes of the audio, in order. Milliseconds are media time. */
  interface Listener {
    void speechStarted(long millis);

    /** The caller has spoken for so long that it is more than a backchannel. */
    void speechLasted();

    void speech(float[] samples);

    void speechStopped(long millis);

    /** The caller pauses: whether the turn is over is to be told by {@link CallerAudio#judged}. */
    void paused(float[] turn);

    /** Nobody speaks; told every 100 ms where the settings have an idle timeout. */
    void quiet(long millis);

    /**
     * @param beganMillis where speech began, where a detector found it, else {@link
     *     TurnDetector#NO_MILLIS}
     * @param millis of the turn's end, likewise
     * @param failure why the turn cannot be answered, or null
     */
    void turnEnded(long beganMillis, long millis, @Nullable Failure failure);
  }

  private final AudioFormat format;
  private final SpeechDetector speech;
  private final Duration lasting;
  private final long maximumSamples;
  private TurnSettings turns;
  private @Nullable TurnDetector detector;
  private @Nullable SpeechEvidence evidence;
  private @Nullable TurnSettings asked;
  private AudioDecoder decoder;
  private long heardSamples;
  private long turnSamples;
  private double loudest;
  private boolean discarding;

  /**
   * @param lasting speech that is shorter is a backchannel
   */
  CallerAudio(
      AudioFormat format,
      TurnSettings turns,
      SpeechDetector speech,
      Duration lasting,
      long maximumSamples)
      throws UnsupportedAudioFormatException {
    this.format = format;
    this.speech = speech;
    this.lasting = lasting;
    this.maximumSamples = maximumSamples;
    this.decoder = AudioDecoder.of(format);
    listenFor(turns);
  }

  private void listenFor(TurnSettings wanted) {
    turns = wanted;
    detector =
        switch (wanted.type()) {
          case MANUAL -> null;
          case SILENCE -> new LevelTurnDetector(wanted.silenceMillis());
          case SPEECH -> new SpeechTurnDetector(speech, wanted, lasting);
        };
    if (detector instanceof SpeechTurnDetector after) {
      after.begin(heardSamples);
    }
    evidence =
        wanted.type() == TurnSettings.Type.SPEECH
            ? null
            : new SpeechEvidence(speech, wanted.threshold());
  }

  /** Finds turns in another way from the next turn on. */
  void change(TurnSettings wanted) {
    asked = wanted.equals(turns) ? null : wanted;
    changeBetweenTurns();
  }

  private void changeBetweenTurns() {
    if (asked != null && turnSamples == 0) {
      listenFor(asked);
      asked = null;
    }
  }

  /**
   * @throws MalformedAudioException when the bytes are none of the format; nothing has changed then
   */
  void append(ByteBuffer chunk, Listener listener) throws MalformedAudioException {
    changeBetweenTurns();
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
    finish(TurnDetector.NO_MILLIS, TurnDetector.NO_MILLIS, listener);
  }

  /** Whether {@link #judged} is waited for. */
  boolean judging() {
    return detector != null && detector.judging();
  }

  /** The end of the turn that is to be {@linkplain #judged judged}. */
  float[] turn() {
    return Objects.requireNonNull(detector).turn();
  }

  /** Whether the turn is over, as {@link Listener#paused} asked. */
  void judged(boolean over, Listener listener) {
    Objects.requireNonNull(detector).judged(over, found(listener));
  }

  /** Whether the present turn has audio. */
  boolean open() {
    return turnSamples > 0;
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

  /** Media time: milliseconds of audio that came so far. */
  long heardMillis() {
    return heardSamples * 1000 / AudioDecoder.SAMPLE_RATE;
  }

  private void samples(float[] samples, Listener listener) {
    heardSamples += samples.length;
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
      public void speechStarted(long millis) {
        listener.speechStarted(millis);
      }

      @Override
      public void speechLasted() {
        listener.speechLasted();
      }

      @Override
      public void paused(float[] turn) {
        listener.paused(turn);
      }

      @Override
      public void speechStopped(long millis) {
        listener.speechStopped(millis);
      }

      @Override
      public void quiet(long millis) {
        listener.quiet(millis);
      }

      @Override
      public void turnEnded(long beganMillis, long millis) {
        finish(beganMillis, millis, listener);
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
          TurnDetector.NO_MILLIS,
          TurnDetector.NO_MILLIS,
          new Failure(
              FailureCodes.TURN_TOO_LONG,
              "the turn is longer than "
                  + maximumSamples / AudioDecoder.SAMPLE_RATE
                  + " s; audio is ignored until it ends"));
      return;
    }
    for (int at = 0; at < samples.length; at += LevelTurnDetector.FRAME) {
      int end = Math.min(samples.length, at + LevelTurnDetector.FRAME);
      loudest = Math.max(loudest, LevelTurnDetector.level(samples, at, end));
    }
    if (evidence != null) {
      evidence.append(samples);
    }
    listener.speech(samples);
  }

  private void finish(long beganMillis, long millis, Listener listener) {
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
    } else if (evidence != null && !evidence.found()) {
      failure = new Failure(FailureCodes.NO_SPEECH, "nobody speaks in the turn's audio");
    }
    reset();
    if (!answered) {
      listener.turnEnded(beganMillis, millis, failure);
    }
  }

  private void reset() {
    turnSamples = 0;
    loudest = 0;
    discarding = false;
    if (evidence != null) {
      evidence.restart();
    }
  }

  void save(DataOutput out) throws IOException {
    FORMAT.put(this, out);
  }

  private void write(DataOutput out) throws IOException {
    TurnSettings.FORMAT.put(turns, out);
    StateEncoding.writeOptional(asked, TurnSettings.FORMAT::put, out);
    StateEncoding.writeBytes(decoder.state(), out);
    out.writeLong(heardSamples);
    out.writeLong(turnSamples);
    out.writeDouble(loudest);
    out.writeBoolean(discarding);
    if (evidence != null) {
      evidence.save(out);
    }
    if (detector != null) {
      detector.save(out);
    }
  }

  void load(DataInput in) throws IOException {
    FORMAT.load(this, in);
  }

  private void read(int version, DataInput in) throws IOException {
    listenFor(TurnSettings.FORMAT.get(in));
    asked = StateEncoding.readOptional(TurnSettings.FORMAT::get, in);
    byte[] state = StateEncoding.readBytes(in);
    try {
      decoder = AudioDecoder.restore(format, state);
    } catch (UnsupportedAudioFormatException e) {
      throw new IOException(e);
    }
    heardSamples = in.readLong();
    turnSamples = in.readLong();
    loudest = in.readDouble();
    discarding = in.readBoolean();
    if (evidence != null) {
      evidence.load(in);
    }
    if (detector != null) {
      detector.load(in);
    }
  }
}
