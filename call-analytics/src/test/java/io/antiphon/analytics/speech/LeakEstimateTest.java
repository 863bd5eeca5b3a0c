package io.antiphon.analytics.speech;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeakEstimateTest {
  private static final double WITHOUT_LEAK = 20;

  @Test
  void letsVoicesAtOnceThroughBeforeAnythingIsKnown() {
    assertThat(new LeakEstimate().gateDecibels()).isEqualTo(18);
  }

  /** As often as one of five frames, with differences as voices have them, is no leak. */
  @Test
  void talkAtOnceIsNoLeak() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      LeakEstimate estimate = new LeakEstimate();
      for (int frame = 0; frame < 500; frame++) {
        estimate.otherSpeaks();
        if (random.nextInt(5) == 0) {
          estimate.both(5 + 40 * random.nextDouble());
        }
      }
      assertThat(estimate.gateDecibels()).as("seed " + seed).isEqualTo(WITHOUT_LEAK);
    }
  }

  /** The gate lies closely before the leak, whoever talks at the same time. */
  @Test
  void leakIsFoundBesideTalkAtOnce() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      int leak = 12 + random.nextInt(30);
      LeakEstimate estimate = new LeakEstimate();
      for (int frame = 0; frame < 5000; frame++) {
        estimate.otherSpeaks();
        if (random.nextInt(8) == 0) {
          estimate.both(5 + 40 * random.nextDouble());
        } else if (random.nextInt(2) == 0) {
          estimate.both(leak + 4 * Math.abs(random.nextGaussian()));
        }
        if (frame == 300 || frame == 4500) {
          assertThat(estimate.gateDecibels()).as("seed " + seed).isBetween(leak - 5.0, leak - 2.0);
        }
      }
      assertThat(restored(estimate).gateDecibels()).isEqualTo(estimate.gateDecibels());
    }
  }

  private static LeakEstimate restored(LeakEstimate saved) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    saved.save(new DataOutputStream(bytes));
    LeakEstimate restored = new LeakEstimate();
    restored.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    return restored;
  }
}
