package io.antiphon.operators.input;

import io.antiphon.operators.message.TurnSettings;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.runtime.SpeechSegmenter;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Finds turns by the speech detector: a turn begins with speech and the asked-for sound before it;
 * it ends after the asked-for time without speech, where the settings want it only if it is judged
 * to be over. What lies between turns is dropped. Owns the detector's stream, where speech is, and
 * the samples that may become a turn's beginning.
 */
public final class SpeechTurnDetector implements TurnDetector {
  private static final RecordFormat<SpeechTurnDetector> FORMAT =
      RecordFormat.into(
          "speech turn detector", 2, SpeechTurnDetector::write, SpeechTurnDetector::read);

  private static final int MOST_JUDGED = JUDGED_SECONDS * SpeechDetector.SAMPLE_RATE;

  private final SpeechDetector detector;
  private final TurnSettings settings;
  private final int prefixSamples;
  private final long lastingSamples;
  private final int quietMillis;
  private SpeechDetector.Stream stream;
  private SpeechSegmenter segmenter;

  /** Media time, in samples, at which the stream and the segmenter began. */
  private long base;

  /** Heard and not given on: what may belong to a turn that begins, and the unfinished window. */
  private float[] kept = new float[0];

  /** Media time, in samples, of the first kept one. */
  private long keptFrom;

  /** Media time, in samples, at which the present turn's speech began. */
  private long beganAt;

  private boolean lasted;

  /** Sound of the present turn, where it is judged whether it is over: at least the end of it. */
  private final Deque<float[]> turn = new ArrayDeque<>();

  private int turnSamples;

  /** Probabilities of windows behind the pause that is being judged. */
  private float[] unread = new float[0];

  /** Whether the present pause is being judged. */
  private boolean judging;

  /** Whether it was judged: the turn goes on. */
  private boolean unfinished;

  /**
   * @param lasting speech that is shorter is a backchannel
   */
  public SpeechTurnDetector(SpeechDetector detector, TurnSettings settings, Duration lasting) {
    this.detector = detector;
    this.settings = settings;
    this.prefixSamples = settings.prefixMillis() * (SpeechDetector.SAMPLE_RATE / 1000);
    this.lastingSamples = lasting.toMillis() * (SpeechDetector.SAMPLE_RATE / 1000);
    this.quietMillis = settings.idleTimeoutMillis() > 0 ? 100 : 0;
    this.stream = detector.open();
    this.segmenter = segmenter();
  }

  /** Begins at a media time, in samples. */
  void begin(long samples) {
    base = samples;
    keptFrom = samples;
  }

  private SpeechSegmenter segmenter() {
    return new SpeechSegmenter(
        settings.threshold(),
        judges() ? settings.unfinishedSilenceMillis() : settings.silenceMillis());
  }

  @Override
  public void append(float[] samples, Listener listener) {
    long quietFrom = quietMillis == 0 ? 0 : millis(heard()) / quietMillis;
    int before = kept.length;
    kept = Arrays.copyOf(kept, before + samples.length);
    System.arraycopy(samples, 0, kept, before, samples.length);
    unread = stream.append(samples);
    read(quietFrom, listener);
  }

  /** Goes through the windows that were not looked at yet, up to a pause that is to be judged. */
  private void read(long quietFrom, Listener listener) {
    int at = 0;
    while (at < unread.length && !judging) {
      switch (segmenter.append(unread[at++])) {
        case BEGAN -> {
          dropTo(edge() - prefixSamples);
          beganAt = edge();
          lasted = false;
          listener.speechStarted(millis(beganAt));
        }
        case ENDED -> ended(listener);
        case NONE -> {
          // Goes on as it was.
        }
      }
      pause();
      if (!lasted && segmenter.speaking() && segmenter.spoken() >= lastingSamples) {
        lasted = true;
        listener.speechLasted();
      }
    }
    unread = Arrays.copyOfRange(unread, at, unread.length);
    if (segmenter.speaking()) {
      giveTo(heard(), listener);
      if (judging) {
        listener.paused(turn());
      }
    } else {
      dropTo(
          heard()
              - prefixSamples
              - (long) SpeechSegmenter.WINDOWS_TO_BEGIN * SpeechDetector.WINDOW);
      if (quietMillis > 0 && millis(heard()) / quietMillis > quietFrom) {
        listener.quiet(millis(heard()) / quietMillis * quietMillis);
      }
    }
  }

  private void ended(Listener listener) {
    giveTo(heard(), listener);
    forgetTurn();
    listener.speechStopped(millis(edge()));
    listener.turnEnded(millis(beganAt), millis(edge()));
  }

  private boolean judges() {
    return settings.unfinishedSilenceMillis() > 0;
  }

  /** The caller may be done: that is judged once a pause. */
  private void pause() {
    if (segmenter.quiet() == 0) {
      unfinished = false;
    } else if (judges()
        && !unfinished
        && segmenter.quiet() >= settings.silenceMillis() * (SpeechDetector.SAMPLE_RATE / 1000L)) {
      judging = true;
    }
  }

  @Override
  public boolean judging() {
    return judging;
  }

  @Override
  public float[] turn() {
    float[] end = new float[Math.min(turnSamples, MOST_JUDGED)];
    int at = end.length - turnSamples;
    for (float[] piece : turn) {
      int from = Math.max(0, -at);
      System.arraycopy(piece, from, end, at + from, piece.length - from);
      at += piece.length;
    }
    return end;
  }

  @Override
  public void judged(boolean over, Listener listener) {
    judging = false;
    unfinished = !over;
    if (over && segmenter.finish() == SpeechSegmenter.Change.ENDED) {
      ended(listener);
    }
    read(quietMillis == 0 ? 0 : millis(heard()) / quietMillis, listener);
  }

  @Override
  public void end(Listener listener) {
    if (segmenter.finish() == SpeechSegmenter.Change.ENDED) {
      giveTo(keptFrom + kept.length, listener);
      listener.speechStopped(millis(edge()));
    }
    restart();
  }

  @Override
  public void restart() {
    base = keptFrom + kept.length;
    keptFrom = base;
    kept = new float[0];
    forgetTurn();
    unread = new float[0];
    judging = false;
    unfinished = false;
    stream = detector.open();
    segmenter = segmenter();
  }

  private long heard() {
    return base + segmenter.heard();
  }

  private long edge() {
    return base + segmenter.edge();
  }

  private static long millis(long samples) {
    return samples * 1000 / SpeechDetector.SAMPLE_RATE;
  }

  private void dropTo(long sample) {
    if (sample > keptFrom) {
      kept = Arrays.copyOfRange(kept, (int) (sample - keptFrom), kept.length);
      keptFrom = sample;
    }
  }

  private void giveTo(long sample, Listener listener) {
    if (sample > keptFrom) {
      float[] piece = Arrays.copyOf(kept, (int) (sample - keptFrom));
      if (judges()) {
        keepForJudgement(piece);
      }
      listener.speech(piece);
      dropTo(sample);
    }
  }

  private void keepForJudgement(float[] piece) {
    turn.add(piece);
    turnSamples += piece.length;
    while (turnSamples - turn.getFirst().length >= MOST_JUDGED) {
      turnSamples -= turn.remove().length;
    }
  }

  private void forgetTurn() {
    turn.clear();
    turnSamples = 0;
  }

  @Override
  public void save(DataOutput out) throws IOException {
    FORMAT.put(this, out);
  }

  @Override
  public void load(DataInput in) throws IOException {
    FORMAT.load(this, in);
  }

  private void write(DataOutput out) throws IOException {
    out.writeLong(base);
    out.writeLong(keptFrom);
    StateEncoding.writeFloats(kept, out);
    StateEncoding.writeFloats(stream.state(), out);
    segmenter.save(out);
    out.writeLong(beganAt);
    out.writeBoolean(lasted);
    StateEncoding.writeList(List.copyOf(turn), StateEncoding::writeFloats, out);
    StateEncoding.writeFloats(unread, out);
    out.writeBoolean(judging);
    out.writeBoolean(unfinished);
  }

  private void read(int version, DataInput in) throws IOException {
    base = in.readLong();
    keptFrom = in.readLong();
    kept = StateEncoding.readFloats(in);
    stream = detector.restore(StateEncoding.readFloats(in));
    segmenter.load(in);
    beganAt = in.readLong();
    lasted = in.readBoolean();
    if (version >= 2) {
      for (float[] piece : StateEncoding.readList(StateEncoding::readFloats, in)) {
        keepForJudgement(piece);
      }
      unread = StateEncoding.readFloats(in);
      judging = in.readBoolean();
      unfinished = in.readBoolean();
    }
  }
}
