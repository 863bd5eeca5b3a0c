package io.antiphon.operators.input;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.SpeechDetector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Whether anybody speaks in a turn that the caller ends: one window that the detector takes for
 * speech is enough, and nothing more is computed after it. Noise, tones, clicks and music without
 * voices give none.
 */
final class SpeechEvidence {
  private static final RecordFormat<SpeechEvidence> FORMAT =
      RecordFormat.into("speech evidence", 1, SpeechEvidence::write, SpeechEvidence::read);

  private final SpeechDetector detector;
  private final double threshold;
  private SpeechDetector.@Nullable Stream stream;
  private boolean found;

  SpeechEvidence(SpeechDetector detector, double threshold) {
    this.detector = detector;
    this.threshold = threshold;
  }

  void append(float[] samples) {
    if (found) {
      return;
    }
    SpeechDetector.Stream listening = stream == null ? detector.open() : stream;
    for (float probability : listening.append(samples)) {
      found |= probability >= threshold;
    }
    stream = found ? null : listening;
  }

  boolean found() {
    return found;
  }

  /** A new turn begins. */
  void restart() {
    stream = null;
    found = false;
  }

  void save(DataOutput out) throws IOException {
    FORMAT.put(this, out);
  }

  void load(DataInput in) throws IOException {
    FORMAT.load(this, in);
  }

  private void write(DataOutput out) throws IOException {
    out.writeBoolean(found);
    StateEncoding.writeOptional(
        stream, (present, to) -> StateEncoding.writeFloats(present.state(), to), out);
  }

  private void read(int version, DataInput in) throws IOException {
    found = in.readBoolean();
    stream =
        StateEncoding.readOptional(from -> detector.restore(StateEncoding.readFloats(from)), in);
  }
}
