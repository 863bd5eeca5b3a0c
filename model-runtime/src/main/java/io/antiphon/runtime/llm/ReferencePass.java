package io.antiphon.runtime.llm;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.onnx.OnnxSessions;
import io.antiphon.runtime.text.PromptSegment;
import java.util.List;

/**
 * One prompt through prefill and step graphs on a slab of its own, with inner outputs fetched; for
 * comparisons.
 */
public final class ReferencePass implements AutoCloseable {
  private final DecodingGraphs models;
  private final PositionLog log;
  private final int positions;

  /**
   * @param positions most positions of a prompt
   */
  public ReferencePass(Bundle bundle, OnnxSessions sessions, int positions) {
    this.models = new DecodingGraphs(bundle, sessions, 1, positions, positions, true);
    this.log =
        new PositionLog(
            bundle.manifest().textIds().audio(), bundle.manifest().sharedLlm().hiddenSize());
    this.positions = positions;
  }

  /** The shared LLM's output for every position {@code [n x d]}. */
  public float[] hidden(List<PromptSegment> prompt) {
    int length = fill(prompt);
    try {
      return models.prefill(true).fetchHidden(0, 0, length);
    } catch (OrtException e) {
      throw DecodingEngine.broken("prefill", e);
    }
  }

  /** The text logits at the last position, through the step graph. */
  public float[] textLogits(List<PromptSegment> prompt) {
    int length = fill(prompt);
    StepTensors tensors = models.tensors();
    tensors.position(0, log.textId(length - 1), length - 1, length - 1);
    tensors.speech(0, null, 0);
    tensors.sampling(0, Sampling.GREEDY, Sampling.GREEDY);
    try {
      models.prefill(true).run(0, 0, 0, length - 1);
      return models.step(true, true).textLogits(0);
    } catch (OrtException e) {
      throw DecodingEngine.broken("step", e);
    }
  }

  private int fill(List<PromptSegment> prompt) {
    log.truncate(0);
    prompt.forEach(log::append);
    int length = log.length();
    if (length < 2 || length > positions) {
      throw new IllegalArgumentException(
          "a prompt has " + length + " positions, expected 2 to " + positions);
    }
    PrefillGraph prefill = models.prefill(true);
    for (int position = 0; position < length; position++) {
      prefill.input(position, log.input(position));
    }
    return length;
  }

  @Override
  public void close() {
    models.close();
  }
}
