package io.antiphon.runtime.llm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlidingWindowTest {
  private static final int POSITIONS = 2048;

  @ParameterizedTest
  @CsvSource({"80, 5", "81, 5", "7, 2", "2, 7", "1000, 3"})
  void holdsWhatTheFirstEntryOfAPositionSees(int entries, int groupSize) {
    SlidingWindow window = new SlidingWindow(entries, groupSize);

    for (int position = 0; position < POSITIONS; position++) {
      int farthest = Math.max(0, position * groupSize - (entries - 1));
      assertThat(window.begin(position) * groupSize).isLessThanOrEqualTo(farthest);
      assertThat(position - window.begin(position))
          .isLessThan(entries / groupSize + 2 + DecodingEngine.CHUNK);
    }
  }

  @ParameterizedTest
  @CsvSource({"80, 5", "7, 2", "1000, 3"})
  void endsWhereItBeginsElsewhere(int entries, int groupSize) {
    SlidingWindow window = new SlidingWindow(entries, groupSize);

    for (int position = 0; position < POSITIONS; position++) {
      int end = window.end(position);
      assertThat(end).isGreaterThan(position);
      assertThat(window.begin(end - 1)).isEqualTo(window.begin(position));
      assertThat(window.begin(end)).isGreaterThan(window.begin(position));
    }
  }

  @Test
  void withoutOneEverythingStays() {
    SlidingWindow window = new SlidingWindow(Integer.MAX_VALUE, 5);

    assertThat(window.begin(POSITIONS)).isZero();
    assertThat(window.end(0)).isGreaterThan(1 << 20);
  }
}
