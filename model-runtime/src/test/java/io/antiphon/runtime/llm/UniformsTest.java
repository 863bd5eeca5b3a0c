package io.antiphon.runtime.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UniformsTest {
  @Test
  void isAFunctionOfItsArgumentsAlone() {
    assertThat(Uniforms.uniform(7, 3, 200, 2)).isEqualTo(Uniforms.uniform(7, 3, 200, 2));
    // Recorded conversations are replayed by later releases: these numbers never change.
    assertThat(Uniforms.uniform(0, 0, 0, 0)).isEqualTo(FIRST);
    assertThat(Uniforms.uniform(-1, 9, 1023, 5)).isEqualTo(OTHER);
  }

  @Test
  void liesInTheUnitIntervalEvenly() {
    int[] tenths = new int[10];
    for (int i = 0; i < 100_000; i++) {
      float uniform = Uniforms.uniform(i % 7, i % 11, i, i % 6);
      assertThat(uniform).isGreaterThanOrEqualTo(0).isLessThan(1);
      tenths[(int) (uniform * 10)]++;
    }
    for (int count : tenths) {
      assertThat(count).isBetween(9_600, 10_400);
    }
  }

  @Test
  void differsInEveryArgument() {
    Set<Float> numbers = new HashSet<>();
    for (int i = 0; i < 64; i++) {
      numbers.add(Uniforms.uniform(i, 0, 0, 0));
      numbers.add(Uniforms.uniform(0, i + 1, 0, 0));
      numbers.add(Uniforms.uniform(0, 0, i + 1, 0));
      numbers.add(Uniforms.uniform(0, 0, 0, i + 1));
    }
    assertThat(numbers).hasSize(4 * 64);
  }

  private static final float FIRST = 2175092 / 16_777_216f;
  private static final float OTHER = 14398469 / 16_777_216f;
}
