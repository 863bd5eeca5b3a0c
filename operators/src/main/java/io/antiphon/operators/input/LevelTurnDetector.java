package io.antiphon.operators.input;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Finds turns by the level alone: a turn begins with three loud frames in a row, and half a second
 * before them belongs to it; it ends after the asked-for quiet. What lies between turns is dropped.
 * Owns the frame that is not full yet, the lead-in and the counters.
 */
public final class LevelTurnDetector implements TurnDetector {
  /** Samples of a 20 ms frame at 16 kHz. */
  static final int FRAME = 320;

  private static final RecordFormat<LevelTurnDetector> FORMAT =
      RecordFormat.into(
          "level turn detector", 1, LevelTurnDetector::write, LevelTurnDetector::read);

  private static final int FRAME_MILLIS = 20;
  private static final double LOUD = 0.01;
  private static final int LOUD_FRAMES = 3;
  private static final int LEAD_IN_FRAMES = 25;

  private final int silenceMillis;
  private final Deque<float[]> leadIn = new ArrayDeque<>();
  private float[] partial = new float[0];
  private boolean speaking;
  private int loudFrames;
  private int quietFrames;

  public LevelTurnDetector(int silenceMillis) {
    this.silenceMillis = silenceMillis;
  }

  /** Root mean square of samples. */
  static double level(float[] samples, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) samples[i] * samples[i];
    }
    return to == from ? 0 : Math.sqrt(sum / (to - from));
  }

  @Override
  public void append(float[] samples, Listener listener) {
    float[] all = concatenate(List.of(partial, samples));
    int whole = all.length / FRAME * FRAME;
    List<float[]> speech = new ArrayList<>();
    for (int at = 0; at < whole; at += FRAME) {
      float[] frame = Arrays.copyOfRange(all, at, at + FRAME);
      boolean loud = level(frame, 0, FRAME) >= LOUD;
      if (!speaking) {
        begin(frame, loud, speech);
        continue;
      }
      speech.add(frame);
      quietFrames = loud ? 0 : quietFrames + 1;
      if (quietFrames * FRAME_MILLIS >= silenceMillis) {
        listener.speech(concatenate(speech));
        speech.clear();
        restart();
        listener.turnEnded(NO_MILLIS, NO_MILLIS);
      }
    }
    partial = Arrays.copyOfRange(all, whole, all.length);
    if (!speech.isEmpty()) {
      listener.speech(concatenate(speech));
    }
  }

  private void begin(float[] frame, boolean loud, List<float[]> speech) {
    leadIn.add(frame);
    if (leadIn.size() > LEAD_IN_FRAMES) {
      leadIn.poll();
    }
    loudFrames = loud ? loudFrames + 1 : 0;
    if (loudFrames == LOUD_FRAMES) {
      speaking = true;
      quietFrames = 0;
      speech.addAll(leadIn);
      leadIn.clear();
    }
  }

  @Override
  public void end(Listener listener) {
    float[] rest = speaking ? partial : new float[0];
    restart();
    if (rest.length > 0) {
      listener.speech(rest);
    }
  }

  @Override
  public void restart() {
    partial = new float[0];
    speaking = false;
    loudFrames = 0;
    quietFrames = 0;
    leadIn.clear();
  }

  private static float[] concatenate(List<float[]> pieces) {
    int length = 0;
    for (float[] piece : pieces) {
      length += piece.length;
    }
    float[] all = new float[length];
    int at = 0;
    for (float[] piece : pieces) {
      System.arraycopy(piece, 0, all, at, piece.length);
      at += piece.length;
    }
    return all;
  }

  @Override
  public void save(DataOutput out) throws IOException {
    FORMAT.put(this, out);
  }

  private void write(DataOutput out) throws IOException {
    StateEncoding.writeFloats(concatenate(List.copyOf(leadIn)), out);
    StateEncoding.writeFloats(partial, out);
    out.writeBoolean(speaking);
    out.writeInt(loudFrames);
    out.writeInt(quietFrames);
  }

  @Override
  public void load(DataInput in) throws IOException {
    FORMAT.load(this, in);
  }

  private void read(int version, DataInput in) throws IOException {
    float[] lead = StateEncoding.readFloats(in);
    for (int at = 0; at < lead.length; at += FRAME) {
      leadIn.add(Arrays.copyOfRange(lead, at, at + FRAME));
    }
    partial = StateEncoding.readFloats(in);
    speaking = in.readBoolean();
    loudFrames = in.readInt();
    quietFrames = in.readInt();
  }
}
