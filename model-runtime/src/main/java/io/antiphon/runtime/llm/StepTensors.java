package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.onnx.SlotTensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a step graph takes and gives beside the key-value caches, one entry for each row
 * of the slab. A graph reads its range of rows where they lie. Not thread safe.
 */
final class StepTensors {
  /** Row tensors by the graphs' input and output names. */
  private final Map<String, SlotTensor> tensors = new TreeMap<>();

  private final int rows;
  private final int groupSize;
  private final LongBuffer textIds;
  private final IntBuffer pastLength;
  private final IntBuffer headPastLength;
  private final LongBuffer speechGroup;
  private final ByteBuffer hasGroup;
  private final LongBuffer previousSpeechId;
  private final FloatBuffer textUniform;
  private final FloatBuffer speechUniform;
  private final LongBuffer nextTextId;
  private final LongBuffer nextSpeechIds;
  private final SamplingTensors text;
  private final SamplingTensors speech;

  /** Temperature, nucleus, penalty and the mask of seen ids of one head. */
  private static final class SamplingTensors {
    final FloatBuffer temperature;
    final FloatBuffer topP;
    final FloatBuffer penalty;
    final ByteBuffer seen;
    final int vocabulary;
    final byte[] zeros;

    SamplingTensors(StepTensors owner, String prefix, int vocabulary) {
      this.vocabulary = vocabulary;
      this.zeros = new byte[vocabulary];
      temperature = owner.add(prefix + ".temperature", OnnxJavaType.FLOAT).floats();
      topP = owner.add(prefix + ".top_p", OnnxJavaType.FLOAT).floats();
      penalty = owner.add(prefix + ".penalty", OnnxJavaType.FLOAT).floats();
      seen = owner.add(prefix + ".seen", OnnxJavaType.UINT8, vocabulary).bytes();
      for (int row = 0; row < owner.rows; row++) {
        set(row, Sampling.GREEDY);
      }
    }

    void set(int row, Sampling sampling) {
      temperature.put(row, (float) sampling.temperature());
      topP.put(row, (float) sampling.topP());
      penalty.put(row, (float) sampling.repetitionPenalty());
    }

    void clearSeen(int row) {
      seen.put(row * vocabulary, zeros);
    }

    void see(int row, int id) {
      seen.put(row * vocabulary + id, (byte) 1);
    }
  }

  StepTensors(Manifest manifest, int rows) {
    this.rows = rows;
    this.groupSize = manifest.audio().groupSize();
    textIds = add("text_ids", OnnxJavaType.INT64).longs();
    pastLength = add("past_length", OnnxJavaType.INT32).ints();
    headPastLength = add("head_past_length", OnnxJavaType.INT32).ints();
    speechGroup = add("speech_group", OnnxJavaType.INT64, groupSize).longs();
    hasGroup = add("has_group", OnnxJavaType.BOOL).bytes();
    previousSpeechId = add("previous_speech_id", OnnxJavaType.INT64).longs();
    textUniform = add("text.uniform", OnnxJavaType.FLOAT).floats();
    speechUniform = add("speech.uniform", OnnxJavaType.FLOAT, groupSize).floats();
    nextTextId = add("next_text_id", OnnxJavaType.INT64).longs();
    nextSpeechIds = add("next_speech_ids", OnnxJavaType.INT64, groupSize).longs();
    text = new SamplingTensors(this, "text", manifest.sharedLlm().vocabularySize());
    speech = new SamplingTensors(this, "speech", manifest.refinedHead().codebookSize());
  }

  private SlotTensor add(String name, OnnxJavaType type, long... shape) {
    SlotTensor tensor = SlotTensor.batch(type, rows, shape);
    tensors.put(name, tensor);
    return tensor;
  }

  int rows() {
    return rows;
  }

  /** Text ids that there are. */
  int textVocabulary() {
    return text.vocabulary;
  }

  /** The tensor of a graph input or output, null when it is not one of these. */
  @Nullable SlotTensor find(String name) {
    return tensors.get(name);
  }

  /** The tensor of an input or output that the graph has. */
  SlotTensor named(String name) {
    return Objects.requireNonNull(find(name), name);
  }

  void sampling(int row, Sampling textSampling, Sampling speechSampling) {
    text.set(row, textSampling);
    speech.set(row, speechSampling);
  }

  /**
   * The row's input position.
   *
   * @param past positions in the shared LLM's cache
   * @param headPast positions in the refined head's
   */
  void position(int row, int textId, int past, int headPast) {
    textIds.put(row, textId);
    pause(row, past, headPast);
  }

  /**
   * For a row that lies in the range but does not step: what the graph writes behind what the
   * caches hold is overwritten later.
   */
  void pause(int row, int past, int headPast) {
    pastLength.put(row, past);
    headPastLength.put(row, headPast);
  }

  /**
   * @param group the k ids emitted by the step before, null when the input is text alone
   */
  void speech(int row, int @Nullable [] group, int previousId) {
    hasGroup.put(row, (byte) (group == null ? 0 : 1));
    for (int k = 0; group != null && k < groupSize; k++) {
      speechGroup.put(row * groupSize + k, group[k]);
    }
    previousSpeechId.put(row, previousId);
  }

  void textUniform(int row, float uniform) {
    textUniform.put(row, uniform);
  }

  void speechUniform(int row, int k, float uniform) {
    speechUniform.put(row * groupSize + k, uniform);
  }

  void clearTextSeen(int row) {
    text.clearSeen(row);
  }

  void seeText(int row, int id) {
    text.see(row, id);
  }

  void clearSpeechSeen(int row) {
    speech.clearSeen(row);
  }

  void seeSpeech(int row, int id) {
    speech.see(row, id);
  }

  int nextTextId(int row) {
    return (int) nextTextId.get(row);
  }

  int[] nextSpeechIds(int row) {
    int[] ids = new int[groupSize];
    for (int k = 0; k < groupSize; k++) {
      ids[k] = (int) nextSpeechIds.get(row * groupSize + k);
    }
    return ids;
  }
}
