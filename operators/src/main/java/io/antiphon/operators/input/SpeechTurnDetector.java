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
import java.util.Arrays;

/**
 * Finds turns by the speech detector: a turn begins with speech and the asked-for sound before it;
 * it ends after the asked-for time without speech. What lies between turns is dropped. Owns the
 * detector's stream, where speech is, and the samples that may become a turn's beginning.
 */
public final class SpeechTurnDetector implements TurnDetector {
  private static final RecordFormat<SpeechTurnDetector> FORMAT =
      RecordFormat.into(
          "speech turn detector", 1, SpeechTurnDetector::write, SpeechTurnDetector::read);

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
    return new SpeechSegmenter(settings.threshold(), settings.silenceMillis());
  }

  @Override
  public void append(float[] samples, Listener listener) {
    long quietFrom = quietMillis == 0 ? 0 : millis(heard()) / quietMillis;
    int before = kept.length;
    kept = Arrays.copyOf(kept, before + samples.length);
    System.arraycopy(samples, 0, kept, before, samples.length);
    for (float probability : stream.append(samples)) {
      switch (segmenter.append(probability)) {
        case BEGAN -> {
          dropTo(edge() - prefixSamples);
          beganAt = edge();
          lasted = false;
          listener.speechStarted(millis(beganAt));
        }
        case ENDED -> {
          giveTo(heard(), listener);
          listener.speechStopped(millis(edge()));
          listener.turnEnded(millis(beganAt), millis(edge()));
        }
        case NONE -> {
          // Goes on as it was.
        }
      }
      if (!lasted && segmenter.speaking() && segmenter.spoken() >= lastingSamples) {
        lasted = true;
        listener.speechLasted();
      }
    }
    if (segmenter.speaking()) {
      giveTo(heard(), listener);
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
      listener.speech(Arrays.copyOf(kept, (int) (sample - keptFrom)));
      dropTo(sample);
    }
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
  }

  private void read(int version, DataInput in) throws IOException {
    base = in.readLong();
    keptFrom = in.readLong();
    kept = StateEncoding.readFloats(in);
    stream = detector.restore(StateEncoding.readFloats(in));
    segmenter.load(in);
    beganAt = in.readLong();
    lasted = in.readBoolean();
  }
}
