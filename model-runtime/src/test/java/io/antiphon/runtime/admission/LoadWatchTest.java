package io.antiphon.runtime.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.ThreadPlan;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
  void otherProcessesLeaveOnlyAShareOfTheCores() {
    AtomicLong now = new AtomicLong();
    AtomicLong own = new AtomicLong();
    AtomicLong all = new AtomicLong();
    LoadWatch watch =
        new LoadWatch(new ThreadPlan(1, 1), 2, new HostMetrics(), now::get, own::get, all::get, 2);
    long tick = TimeUnit.MILLISECONDS.toNanos(500);
    for (int i = 0; i < 120; i++) {
      // Half a core of this process, one core of another.
      now.addAndGet(tick);
      own.addAndGet(tick / 2);
      all.addAndGet(tick / 2 + tick);
      watch.coreShare();
    }
    assertThat(watch.coreShare()).isEqualTo(0.25, within(0.02));
    assertThat(watch.freeShare()).isEqualTo(0.5, within(0.03));
    assertThat(watch.load()).isEqualTo(0.5, within(0.06));
  }

  @Test
  void whoMayUseFewOfManyCoresLosesNothingAsLongAsOthersAreFree() {
    AtomicLong now = new AtomicLong();
    AtomicLong all = new AtomicLong();
    LoadWatch watch =
        new LoadWatch(new ThreadPlan(1, 1), 2, new HostMetrics(), now::get, () -> 0, all::get, 16);
    long tick = TimeUnit.MILLISECONDS.toNanos(500);
    for (int i = 0; i < 120; i++) {
      now.addAndGet(tick);
      all.addAndGet(8 * tick);
      watch.coreShare();
    }
    assertThat(watch.freeShare()).isEqualTo(1);
    for (int i = 0; i < 120; i++) {
      now.addAndGet(tick);
      all.addAndGet(16 * tick);
      watch.coreShare();
    }
    assertThat(watch.freeShare()).isLessThan(0.2);
  }

  @Test
  void processesThatGiveWayAreNoLoad() {
    assertThat(MachineTime.ofStatistics("cpu  100 5000 20 7000 9 0 3 4 0 0\ncpu0 1 2 3\n"))
        .isEqualTo(TimeUnit.MILLISECONDS.toNanos(1270));
    MachineTime machine = new MachineTime();
    assertThat(machine.cores()).isPositive();
    assertThat(machine.getAsLong()).isNotNegative();
  }

  @Test
  void longWaitsAreLateToo() {
    LoadWatch watch = new LoadWatch(new ThreadPlan(1, 1), 2, new HostMetrics());
    watch.waited(TimeUnit.MILLISECONDS.toNanos(400));
    watch.waited(TimeUnit.MILLISECONDS.toNanos(400));
    watch.waited(TimeUnit.MILLISECONDS.toNanos(400));
    assertThat(watch.late()).isFalse();
    watch.waited(TimeUnit.MILLISECONDS.toNanos(600));
    watch.waited(TimeUnit.MILLISECONDS.toNanos(600));
    watch.waited(TimeUnit.MILLISECONDS.toNanos(600));
    assertThat(watch.late()).isTrue();
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
