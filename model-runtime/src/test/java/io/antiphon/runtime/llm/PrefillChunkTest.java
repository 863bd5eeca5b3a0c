package io.antiphon.runtime.llm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many positions a prefill call has on a machine that takes so long for each. */
class PrefillChunkTest {
  @ParameterizedTest
  @CsvSource({"0.01, 32", "3.1, 32", "5, 20", "49, 2", "150, 2", "1e9, 2"})
  void aCallTakesHalfAGroupAtMostOrTwoPositions(double positionMillis, int positions) {
    assertThat(DecodingEngine.chunk(positionMillis)).isEqualTo(positions);
  }
}
