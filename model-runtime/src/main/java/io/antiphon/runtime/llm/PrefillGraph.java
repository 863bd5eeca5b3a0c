package io.antiphon.runtime.llm;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.SlotTensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/** Prefill: several prompt positions of one row in one call. Not thread safe. */
abstract class PrefillGraph implements AutoCloseable {
  /** Text ids of the call's positions {@code [1 x n]}, the placeholder where audio stands. */
  protected final SlotTensor textIds;

  /** Group embeddings of the call's positions {@code [1 x n x d]}, zero where text stands. */
  protected final SlotTensor embeddings;

  /** One byte a position {@code [1 x n]}: 1 where audio stands, 0 where text. */
  protected final SlotTensor isAudio;

  private final int hiddenSize;
  private final int placeholder;
  private final LongBuffer textIdValues;
  private final FloatBuffer embeddingValues;
  private final ByteBuffer isAudioValues;
  private final float[] zeros;

  /**
   * @param positions most positions in one call
   * @param flags type of the bytes that tell audio from text
   */
  PrefillGraph(Manifest manifest, int positions, OnnxJavaType flags) {
    this.hiddenSize = manifest.sharedLlm().hiddenSize();
    this.placeholder = manifest.textIds().audio();
    this.textIds = SlotTensor.sequence(OnnxJavaType.INT64, positions);
    this.embeddings = SlotTensor.sequence(OnnxJavaType.FLOAT, positions, hiddenSize);
    this.isAudio = SlotTensor.sequence(flags, positions);
    this.textIdValues = textIds.longs();
    this.embeddingValues = embeddings.floats();
    this.isAudioValues = isAudio.bytes();
    this.zeros = new float[hiddenSize];
  }

  /**
   * Sets what goes in at position {@code index} of the call.
   *
   * @throws IllegalArgumentException for text and audio at once, which no graph takes
   */
  final void input(int index, PositionInput input) {
    if (input instanceof PositionInput.Text text) {
      text(index, text.id());
    } else if (input instanceof PositionInput.Group group) {
      audio(index, group.groups(), group.offset());
    } else {
      throw new IllegalArgumentException(RequestChecks.BOTH);
    }
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
  final void run(int row, int past, int headPast, int count) throws OrtException {
    if (count == 1) {
      text(1, 0);
    }
    call(row, past, headPast, Math.max(2, count));
  }

  /** The same, and gives the shared LLM's output {@code [count x d]}; for comparisons. */
  abstract float[] fetchHidden(int row, int past, int count) throws OrtException;

  /** Computes {@code count} positions, at least 2. */
  protected abstract void call(int row, int past, int headPast, int count) throws OrtException;

  /** Closes its own bindings; graphs that are shared are others' too. */
  @Override
  public abstract void close() throws OrtException;
}
