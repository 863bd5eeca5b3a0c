package io.antiphon.runtime.llm;

import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationStep;
import java.util.Optional;

/**
 * How a generation goes on: what the position after each of its steps takes in. A sequence is a
 * list of positions, and a generation is a loop that appends to it; half-duplex ({@link
 * HalfDuplexLoop}) feeds back what was drawn. Pure functions, so that a replay appends the same
 * positions. Called under the engine's lock.
 */
interface DecodingLoop {
  /** The input of the position after a step; none where the generation ends with the step. */
  Optional<PositionInput> next(GenerationRequest request, GenerationStep step);

  /** How a generation has ended whose last step this is. */
  GenerationEnd end(GenerationStep last);
}
