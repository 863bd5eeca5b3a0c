package io.antiphon.runtime.llm;

import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationStep;
import java.util.Optional;

/**
 * One speaks at a time: the text id that a step drew goes in at the next position, until the id
 * that ends the turn is drawn or the answer is as long as it may be. The caller is not heard
 * meanwhile.
 */
final class HalfDuplexLoop implements DecodingLoop {
  private final DecodingRules rules;

  HalfDuplexLoop(DecodingRules rules) {
    this.rules = rules;
  }

  @Override
  public Optional<PositionInput> next(GenerationRequest request, GenerationStep step) {
    return rules.ends(step) || step.index() + 1 >= request.maximumNewPositions()
        ? Optional.empty()
        : Optional.of(new PositionInput.Text(step.textId()));
  }

  @Override
  public GenerationEnd end(GenerationStep last) {
    return rules.ends(last) ? GenerationEnd.STOP : GenerationEnd.LENGTH;
  }
}
