package io.antiphon.runtime.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.ThreadPlan;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoadWatchTest {
  @Test
  void aSumForgetsWithItsTimeConstant() {
    DecayingSum sum = new DecayingSum(1000);
    sum.add(8, 5000);
    assertThat(sum.get(5000)).isEqualTo(8);
    sum.add(2, 6000);
    assertThat(sum.get(6000)).isEqualTo(2 + 8 / Math.E, within(1e-9));
    assertThat(sum.get(5500)).isEqualTo(2 + 8 / Math.E, within(1e-9)); // time never goes back
    assertThat(sum.get(1_000_000)).isLessThan(1e-9);
  }

  @Test
  void aSteadyRateIsItsShareOfTime() {
    DecayingSum sum = new DecayingSum(1000);
    for (long now = 10; now <= 20_000; now += 10) {
      sum.add(3, now);
    }
    assertThat(sum.get(20_000) / 1000).isEqualTo(0.3, within(0.01));
  }

  @Test
  void eachPartHasAShareOfItsThreadsAndAFactorOfItsAudio() {
    HostMetrics metrics = new HostMetrics();
    LoadWatch watch = new LoadWatch(new ThreadPlan(2, 1), 4, metrics);
    long second = TimeUnit.SECONDS.toNanos(1);
    watch.record(LoadWatch.Part.ENCODER, second, 4.0 * second);
    watch.record(LoadWatch.Part.RESPONSE, second, 0);
    assertThat(watch.busyShare(LoadWatch.Part.ENCODER)).isEqualTo(0.1, within(0.01));
    assertThat(watch.busyShare(LoadWatch.Part.RESPONSE)).isEqualTo(0.2, within(0.02));
    assertThat(watch.load()).isGreaterThanOrEqualTo(watch.busyShare(LoadWatch.Part.ENCODER));
    assertThat(metrics.gauges().get("encoder.realTimeFactor").getAsDouble())
        .isEqualTo(0.25, within(1e-6));
    assertThat(metrics.gauges().get("response.realTimeFactor").getAsDouble()).isZero();
    assertThat(metrics.gauges().get("process.coreShare").getAsDouble()).isNotNegative();
  }

  @Test
  void oneLateGroupIsAnAccidentSeveralAreLate() {
    LoadWatch watch = new LoadWatch(new ThreadPlan(1, 1), 2, new HostMetrics());
    watch.slack(300);
    watch.slack(-1);
    assertThat(watch.late()).isFalse();
    watch.slack(-20);
    watch.slack(-20);
    assertThat(watch.late()).isTrue();
  }
}
