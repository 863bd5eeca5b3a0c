package io.antiphon.benchmarks.decoding;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.antiphon.runtime.llm.SlidingWindow;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.SlotTensor;
import io.antiphon.runtime.onnx.TensorSlices;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A step graph in a bare loop: one call a step on tensors that exist already, the caches in place,
 * the ids that come out put in again. The least that a step can cost. Not thread safe.
 */
public final class RawStepLoop implements AutoCloseable {
  private final OrtSession session;
  private final int rows;
  private final int groupSize;
  private final SlidingWindow headWindow;
  private final TensorSlices slices = new TensorSlices();
  private final Map<String, SlotTensor> byName = new HashMap<>();
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();

  /**
   * @param session of a step graph; closed by its owner
   * @param positions of the shared LLM that a row holds
   */
  public RawStepLoop(OrtSession session, Manifest manifest, int rows, int positions)
      throws OrtException {
    this.session = session;
    this.rows = rows;
    this.groupSize = manifest.audio().groupSize();
    this.headWindow = new SlidingWindow(manifest);
    for (Map.Entry<String, NodeInfo> input : session.getInputInfo().entrySet()) {
      int capacity = input.getKey().startsWith("head.") ? positions * groupSize : positions;
      inputs.put(input.getKey(), tensor(input.getKey(), input.getValue(), capacity));
    }
    for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
      String name = output.getKey();
      String past = past(name);
      if (inputs.containsKey(past)) {
        outputs.put(name, inputs.get(past));
      } else if (name.startsWith("next_")) {
        outputs.put(name, tensor(name, output.getValue(), positions));
      }
    }
    for (String head : List.of("text.", "speech.")) {
      fill(head + "top_p");
      fill(head + "penalty");
    }
  }

  /** The cache input of a cache output, such as head.past_key.1 of head.present_key.4.1. */
  private static String past(String present) {
    int first = present.indexOf('.');
    int last = present.lastIndexOf('.');
    if (first == last) {
      return "";
    }
    int second = present.indexOf('.', first + 1);
    return present.substring(0, second).replace("present_", "past_") + present.substring(last);
  }

  private OnnxTensor tensor(String name, NodeInfo info, int capacity) throws OrtException {
    TensorInfo type = (TensorInfo) info.getInfo();
    long[] shape = Arrays.copyOfRange(type.getShape(), 1, type.getShape().length);
    for (int i = 0; i < shape.length; i++) {
      shape[i] = shape[i] < 0 ? capacity : shape[i];
    }
    SlotTensor tensor = SlotTensor.batch(type.type, rows, shape);
    byName.put(name, tensor);
    return slices.of(tensor, 0, rows);
  }

  private void fill(String name) {
    SlotTensor tensor = byName.get(name);
    for (int row = 0; tensor != null && row < rows; row++) {
      tensor.floats().put(row, 1f);
    }
  }

  /**
   * Steps all rows.
   *
   * @param prompt positions before the answer
   * @param step of the answer, from 0
   */
  public void run(int prompt, int step) throws OrtException {
    SlotTensor headPast = byName.get("head_past_length");
    for (int row = 0; row < rows; row++) {
      named("past_length").ints().put(row, prompt + step);
      if (headPast != null) {
        headPast.ints().put(row, prompt - headWindow.begin(prompt) + step);
      }
    }
    session.run(inputs, Set.of(), outputs).close();
    SlotTensor group = byName.get("speech_group");
    for (int row = 0; row < rows; row++) {
      named("text_ids").longs().put(row, named("next_text_id").longs().get(row));
      if (group != null) {
        SlotTensor speech = named("next_speech_ids");
        for (int k = 0; k < groupSize; k++) {
          group.longs().put(row * groupSize + k, speech.longs().get(row * groupSize + k));
        }
        named("has_group").bytes().put(row, (byte) 1);
        named("previous_speech_id").longs().put(row, speech.longs().get((row + 1) * groupSize - 1));
      }
    }
  }

  /** A tensor that every such graph has. */
  private SlotTensor named(String name) {
    return Objects.requireNonNull(byName.get(name), name);
  }

  /** Bytes of keys and values of one position of one conversation. */
  public static long cacheBytesPerPosition(Manifest manifest, boolean speech) {
    Manifest.SharedLlm llm = manifest.sharedLlm();
    Manifest.RefinedHead head = manifest.refinedHead();
    long values = 2L * llm.layers() * llm.keyValueHeads() * llm.headSize();
    if (speech) {
      values +=
          2L
              * head.layers()
              * head.keyValueHeads()
              * head.headSize()
              * manifest.audio().groupSize();
    }
    return values * OnnxJavaType.FLOAT.size;
  }

  @Override
  public void close() {
    slices.close();
  }
}
