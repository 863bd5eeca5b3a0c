package io.antiphon.serde.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Against the tables of ITU-T G.711: the decision values that part the code words and the quantized
 * values that they stand for, tables 1 (A-law, in units of a 13-bit sample) and 2 (mu-law, 14-bit).
 */
class G711Test {
  /** One row group of the tables: intervals of one width, and where the last of them ends. */
  private record Segment(int intervals, int width, int end) {}

  private static final List<Segment> A_LAW =
      List.of(
          new Segment(32, 2, 64),
          new Segment(16, 4, 128),
          new Segment(16, 8, 256),
          new Segment(16, 16, 512),
          new Segment(16, 32, 1024),
          new Segment(16, 64, 2048),
          new Segment(16, 128, 4096));

  private static final List<Segment> MU_LAW =
      List.of(
          new Segment(1, 1, 1),
          new Segment(15, 2, 31),
          new Segment(16, 4, 95),
          new Segment(16, 8, 223),
          new Segment(16, 16, 479),
          new Segment(16, 32, 991),
          new Segment(16, 64, 2015),
          new Segment(16, 128, 4063),
          new Segment(16, 256, 8159));

  /** Decision values x1 to x129 without the sign; the tables' last one is virtual. */
  private static List<Integer> decisions(List<Segment> segments) {
    List<Integer> decisions = new ArrayList<>(List.of(0));
    for (Segment segment : segments) {
      int start = decisions.get(decisions.size() - 1);
      for (int i = 1; i <= segment.intervals(); i++) {
        decisions.add(start + i * segment.width());
      }
      assertThat(decisions.get(decisions.size() - 1)).isEqualTo(segment.end());
    }
    assertThat(decisions).hasSize(129);
    return decisions;
  }

  /** Number 1 to 128 of the interval that holds the magnitude. */
  private static int interval(List<Integer> decisions, int magnitude) {
    for (int number = 1; number < 128; number++) {
      if (magnitude < decisions.get(number)) {
        return number;
      }
    }
    return 128;
  }

  @Test
  void everyMuLawCodeStandsForTheTablesValue() {
    List<Integer> decisions = decisions(MU_LAW);
    for (int number = 1; number <= 128; number++) {
      // Table 2a: quantized value y = middle of its interval, 0 for the first; code word 255 down.
      int value = number == 1 ? 0 : (decisions.get(number - 1) + decisions.get(number)) / 2;
      assertThat(G711.decodeMuLaw((byte) (0x100 - number))).isEqualTo((short) (4 * value));
      assertThat(G711.decodeMuLaw((byte) (0x80 - number))).isEqualTo((short) (-4 * value));
    }
  }

  @Test
  void everyALawCodeStandsForTheTablesValue() {
    List<Integer> decisions = decisions(A_LAW);
    for (int number = 1; number <= 128; number++) {
      // Table 1a: character signal before inversion of the even bits is 128 + number - 1.
      int value = (decisions.get(number - 1) + decisions.get(number)) / 2;
      assertThat(G711.decodeALaw((byte) ((0x80 + number - 1) ^ 0x55)))
          .isEqualTo((short) (8 * value));
      assertThat(G711.decodeALaw((byte) ((number - 1) ^ 0x55))).isEqualTo((short) (-8 * value));
    }
  }

  @Test
  void everySampleGetsTheMuLawCodeOfItsInterval() {
    List<Integer> decisions = decisions(MU_LAW);
    for (int sample = Short.MIN_VALUE; sample <= Short.MAX_VALUE; sample++) {
      int number = interval(decisions, (sample < 0 ? ~sample : sample) >> 2);
      int expected = sample < 0 ? 0x80 - number : 0x100 - number;
      assertThat(G711.encodeMuLaw((short) sample) & 0xFF)
          .as("sample %s", sample)
          .isEqualTo(expected);
    }
  }

  @Test
  void everySampleGetsTheALawCodeOfItsInterval() {
    List<Integer> decisions = decisions(A_LAW);
    for (int sample = Short.MIN_VALUE; sample <= Short.MAX_VALUE; sample++) {
      int number = interval(decisions, (sample < 0 ? ~sample : sample) >> 3);
      int expected = (sample < 0 ? number - 1 : 0x80 + number - 1) ^ 0x55;
      assertThat(G711.encodeALaw((short) sample) & 0xFF)
          .as("sample %s", sample)
          .isEqualTo(expected);
    }
  }

  @Test
  void everyCodeComesBackFromItsValue() {
    for (int code = 0; code < 256; code++) {
      // 0x7F is minus zero, which samples do not have.
      int expected = code == 0x7F ? 0xFF : code;
      assertThat(G711.encodeMuLaw(G711.decodeMuLaw((byte) code)) & 0xFF).isEqualTo(expected);
      assertThat(G711.encodeALaw(G711.decodeALaw((byte) code)) & 0xFF).isEqualTo(code);
    }
  }
}
