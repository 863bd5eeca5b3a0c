package io.antiphon.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {
  @Test
  void percentilesAreMeasuredValuesByNearestRank() {
    List<Integer> hundred = IntStream.rangeClosed(1, 100).boxed().toList();
    assertThat(Percentiles.percentile(hundred, 0.5)).isEqualTo(50);
    assertThat(Percentiles.percentile(hundred, 0.99)).isEqualTo(99);
    assertThat(Percentiles.percentile(hundred, 1)).isEqualTo(100);
    assertThat(Percentiles.percentile(hundred, 0)).isEqualTo(1);
  }

  @Test
  void aFewValuesHaveTheirGreatestAsTail() {
    assertThat(Percentiles.percentile(List.of(3.0, 1.0, 2.0), 0.99)).isEqualTo(3);
    assertThat(Percentiles.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
    assertThat(Percentiles.median(List.of(7.0))).isEqualTo(7);
  }

  @Test
  void theValuesStayInTheirOrder() {
    double[] values = {3, 1, 2};
    assertThat(Percentiles.percentile(values, 0.5)).isEqualTo(2);
    assertThat(values).containsExactly(3, 1, 2);
  }

  @Test
  void noValuesHaveNoPercentile() {
    assertThatThrownBy(() -> Percentiles.median(List.<Double>of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Percentiles.percentile(List.of(1.0), 1.1))
        .hasMessage("share is 1.1, expected 0 to 1");
  }
}
