package io.antiphon.runtime.llm;

import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationStep;

/**
 * Fills a row's step inputs from its context's log. The masks of seen ids are kept in place and
 * extended; they are built anew when the row has another owner or its log was cut.
 */
final class SlotInputs {
  private final StepTensors tensors;
  private final DecodingRules rules;
  private final int groupSize;
  private final Sequence[] textOwner;
  private final int[] textCuts;
  private final int[] textSeen;
  private final Generation[] speechOwner;
  private final int[] speechSeen;

  SlotInputs(StepTensors tensors, DecodingRules rules, int groupSize, int rows) {
    this.tensors = tensors;
    this.rules = rules;
    this.groupSize = groupSize;
    this.textOwner = new Sequence[rows];
    this.textCuts = new int[rows];
    this.textSeen = new int[rows];
    this.speechOwner = new Generation[rows];
    this.speechSeen = new int[rows];
  }

  /** Sets the row up for the step at the context's first position that is not computed. */
  void fill(Sequence context) {
    int row = context.row;
    int position = context.computed;
    Generation generation = context.log.step(position).generation();
    GenerationRequest request = generation.request();
    int index = context.log.stepIndex(position);
    GenerationStep before = index == 0 ? null : generation.step(index - 1);
    tensors.position(row, context.log.textId(position), position, context.headLength());
    tensors.sampling(row, request.text(), request.speechSampling());
    tensors.textUniform(row, Uniforms.uniform(request.seed(), request.turn(), position, 0));
    seeText(context, row, position);
    if (request.speech()) {
      tensors.speech(row, rules.inputGroup(before), rules.previousSpeechId(before));
      for (int k = 0; k < groupSize; k++) {
        float uniform = Uniforms.uniform(request.seed(), request.turn(), position, k + 1);
        tensors.speechUniform(row, k, uniform);
      }
      seeSpeech(generation, row, index);
    }
  }

  /** The text mask has all ids up to the input position: prompt, placeholders, generated. */
  private void seeText(Sequence context, int row, int position) {
    if (textOwner[row] != context
        || textCuts[row] != context.cuts
        || textSeen[row] > position + 1) {
      tensors.clearTextSeen(row);
      textOwner[row] = context;
      textCuts[row] = context.cuts;
      textSeen[row] = 0;
    }
    while (textSeen[row] <= position) {
      tensors.seeText(row, context.log.textId(textSeen[row]++));
    }
  }

  /** The speech mask has all ids that this generation emitted before step {@code index}. */
  private void seeSpeech(Generation generation, int row, int index) {
    if (speechOwner[row] != generation || speechSeen[row] > index) {
      tensors.clearSpeechSeen(row);
      speechOwner[row] = generation;
      speechSeen[row] = 0;
    }
    while (speechSeen[row] < index) {
      int[] emitted = generation.step(speechSeen[row]++).speechIds();
      for (int k = 0; emitted != null && k < groupSize; k++) {
        tensors.seeSpeech(row, emitted[k]);
      }
    }
  }
}
