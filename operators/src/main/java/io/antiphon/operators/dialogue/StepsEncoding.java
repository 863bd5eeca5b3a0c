package io.antiphon.operators.dialogue;

import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.GenerationStep;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The steps of an answer in bytes. Ids are small numbers, most speech ids leave as they were drawn,
 * and a step's index is its place: about 15 bytes a step, five steps a second.
 */
public final class StepsEncoding {
  /** Steps from index 0, without gap. */
  public static final RecordFormat<List<GenerationStep>> FORMAT =
      RecordFormat.of("generation steps", 1, StepsEncoding::put, StepsEncoding::get);

  private static final int SPEECH = 1;
  private static final int SAMPLED = 2;
  private static final int SAME = 4;

  private StepsEncoding() {}

  private static void put(List<GenerationStep> steps, DataOutput out) throws IOException {
    StateEncoding.writeCompactInt(steps.size(), out);
    for (GenerationStep step : steps) {
      put(step, out);
    }
  }

  private static void put(GenerationStep step, DataOutput out) throws IOException {
    int[] speech = step.speechIds();
    int[] sampled = step.sampledSpeechIds();
    boolean same = speech != null && Arrays.equals(speech, sampled);
    out.writeByte(
        (speech == null ? 0 : SPEECH) | (sampled == null ? 0 : SAMPLED) | (same ? SAME : 0));
    StateEncoding.writeCompactInt(step.textId(), out);
    if (speech != null) {
      putIds(speech, out);
    }
    if (sampled != null && !same) {
      putIds(sampled, out);
    }
  }

  private static List<GenerationStep> get(int version, DataInput in) throws IOException {
    int count = StateEncoding.readCompactInt(in);
    List<GenerationStep> steps = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      int what = in.readUnsignedByte();
      int text = StateEncoding.readCompactInt(in);
      int[] speech = (what & SPEECH) == 0 ? null : getIds(in);
      int[] sampled =
          (what & SAMPLED) == 0
              ? null
              : (what & SAME) == 0 ? getIds(in) : Objects.requireNonNull(speech).clone();
      steps.add(new GenerationStep(index, text, speech, sampled));
    }
    return List.copyOf(steps);
  }

  private static void putIds(int[] ids, DataOutput out) throws IOException {
    StateEncoding.writeCompactInt(ids.length, out);
    for (int id : ids) {
      StateEncoding.writeCompactInt(id, out);
    }
  }

  private static int[] getIds(DataInput in) throws IOException {
    int[] ids = new int[StateEncoding.readCompactInt(in)];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = StateEncoding.readCompactInt(in);
    }
    return ids;
  }
}
