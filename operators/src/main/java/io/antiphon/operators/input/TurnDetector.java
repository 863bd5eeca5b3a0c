package io.antiphon.operators.input;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Finds the caller's turns in audio that never stops. */
public interface TurnDetector {
  /** Seconds of a turn's end by which it is told whether it is over. */
  int JUDGED_SECONDS = 8;

  /** Where nothing is told of media time. */
  long NO_MILLIS = -1;

  /** What was found, in the order of the audio. Milliseconds are media time. */
  interface Listener {
    /** The caller began to speak. */
    void speechStarted(long millis);

    /** The caller has spoken for so long that it is more than a backchannel; once a turn. */
    void speechLasted();

    /** Audio that belongs to a turn. */
    void speech(float[] samples);

    /** Nobody speaks; told every 100 ms where the settings have an idle timeout. */
    void quiet(long millis);

    /**
     * The caller pauses; whether the turn is over is to be told by {@link #judged}. Nothing may be
     * appended before.
     *
     * @param turn its sound so far, at most {@value #JUDGED_SECONDS} s
     */
    void paused(float[] turn);

    /** The caller ceased to speak. */
    void speechStopped(long millis);

    /**
     * The turn is over.
     *
     * @param beganMillis where speech began, {@value #NO_MILLIS} when the detector knows no media
     *     time
     * @param millis where it ended, {@value #NO_MILLIS} when the detector knows no media time
     */
    void turnEnded(long beganMillis, long millis);
  }

  void append(float[] samples, Listener listener);

  /** The caller ends the turn: what is left of it comes out, a new one is waited for. */
  void end(Listener listener);

  /** Whether the detector waits for {@link #judged}. */
  default boolean judging() {
    return false;
  }

  /** The end of the turn that is to be {@linkplain #judged judged}. */
  default float[] turn() {
    throw new IllegalStateException("nothing was asked");
  }

  /** Whether the turn is over that {@link Listener#paused} asked for. */
  default void judged(boolean over, Listener listener) {
    throw new IllegalStateException("nothing was asked");
  }

  /** Forgets all audio and waits for a new turn. */
  void restart();

  void save(DataOutput out) throws IOException;

  void load(DataInput in) throws IOException;
}
