package io.antiphon.runtime.manifest;

import io.antiphon.configuration.ConfigurationException;
import java.util.ArrayList;
import java.util.List;

/**
 * How ids are drawn.
 *
 * @param temperature 0 takes the most probable id
 * @param topP nucleus, more than 0 and at most 1
 * @param repetitionPenalty 1 is none
 */
public record Sampling(double temperature, double topP, double repetitionPenalty) {
  public static final Sampling GREEDY = new Sampling(0, 1, 1);

  public Sampling {
    List<String> problems = new ArrayList<>();
    if (!(temperature >= 0 && temperature <= 10)) {
      problems.add("temperature is " + temperature + ", expected 0 to 10");
    }
    if (!(topP > 0 && topP <= 1)) {
      problems.add("topP is " + topP + ", expected more than 0 and at most 1");
    }
    if (!(repetitionPenalty >= 0.1 && repetitionPenalty <= 10)) {
      problems.add("repetitionPenalty is " + repetitionPenalty + ", expected 0.1 to 10");
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException("Sampling", problems);
    }
  }

  /** Whether no uniform number is needed. */
  public boolean greedy() {
    return temperature == 0;
  }
}
