package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.SlotTensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The prefill graph: several prompt positions of one row in one call. Not thread safe. */
final class PrefillGraph implements AutoCloseable {
  private final OrtSession session;
  private final KeyValueCache llm;
  private final KeyValueCache head;
  private final int hiddenSize;
  private final int placeholder;
  private final SlotTensor textIds;
  private final SlotTensor embeddings;
  private final SlotTensor isAudio;
  private final SlotTensor pastLength;
  private final SlotTensor headPastLength;
  private final LongBuffer textIdValues;
  private final FloatBuffer embeddingValues;
  private final ByteBuffer isAudioValues;
  private final float[] zeros;

  /**
   * @param head null for a text-only variant
   * @param positions most positions in one call
   */
  PrefillGraph(
      OrtSession session, Manifest manifest, KeyValueCache llm, KeyValueCache head, int positions) {
    this.session = session;
    this.llm = llm;
    this.head = head;
    this.hiddenSize = manifest.sharedLlm().hiddenSize();
    this.placeholder = manifest.textIds().audio();
    this.textIds = SlotTensor.sequence(OnnxJavaType.INT64, positions);
    this.embeddings = SlotTensor.sequence(OnnxJavaType.FLOAT, positions, hiddenSize);
    this.isAudio = SlotTensor.sequence(OnnxJavaType.BOOL, positions);
    this.pastLength = SlotTensor.batch(OnnxJavaType.INT32, 1);
    this.headPastLength = SlotTensor.batch(OnnxJavaType.INT32, 1);
    this.textIdValues = textIds.longs();
    this.embeddingValues = embeddings.floats();
    this.isAudioValues = isAudio.bytes();
    this.zeros = new float[hiddenSize];
  }

  /** Sets input position {@code index} of the call to a text id. */
  void text(int index, int id) {
    textIdValues.put(index, id);
    isAudioValues.put(index, (byte) 0);
    embeddingValues.put(index * hiddenSize, zeros);
  }

  /**
   * Sets input position {@code index} of the call to the group embedding at {@code offset} of
   * {@code groups}.
   */
  void audio(int index, float[] groups, int offset) {
    textIdValues.put(index, placeholder);
    isAudioValues.put(index, (byte) 1);
    embeddingValues.put(index * hiddenSize, groups, offset, hiddenSize);
  }

  /**
   * Prefills {@code count} positions of {@code row} after its first {@code past} ones.
   *
   * <p>A kernel for one position rounds otherwise than one for several, so a lone position takes
   * another along that means nothing: what it leaves behind is overwritten by whatever follows.
   *
   * @param headPast positions that the refined head's cache holds, of no meaning without it
   */
  void run(int row, int past, int headPast, int count) throws OrtException {
    if (count == 1) {
      text(1, 0);
    }
    call(row, past, headPast, Math.max(2, count), Set.of()).close();
  }

  /** The same, and gives the shared LLM's output {@code [count x d]}; for comparisons. */
  float[] fetchHidden(int row, int past, int count) throws OrtException {
    try (OrtSession.Result result = call(row, past, past, count, Set.of("hidden"))) {
      return StepGraph.floats(result, "hidden");
    }
  }

  private OrtSession.Result call(int row, int past, int headPast, int count, Set<String> fetched)
      throws OrtException {
    pastLength.ints().put(0, past);
    headPastLength.ints().put(0, headPast);
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    inputs.put("text_ids", textIds.slice(0, count));
    inputs.put("group_embeddings", embeddings.slice(0, count));
    inputs.put("is_audio", isAudio.slice(0, count));
    inputs.put("past_length", pastLength.slice(0, 1));
    llm.putPast(inputs, row, 1);
    llm.putPresent(outputs, "", row, 1);
    if (head != null) {
      inputs.put("head_past_length", headPastLength.slice(0, 1));
      head.putPast(inputs, row, 1);
      head.putPresent(outputs, "", row, 1);
    }
    return session.run(inputs, fetched, outputs);
  }

  @Override
  public void close() throws OrtException {
    textIds.close();
    embeddings.close();
    isAudio.close();
    pastLength.close();
    headPastLength.close();
    session.close();
  }
}
