package io.antiphon.runtime.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.runtime.ThreadPlan;
import io.antiphon.runtime.manifest.Manifest;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a host holds by what its calls cost; every figure here is arithmetic. */
class CapacityModelTest {
  /** Windows of 2 s, 5 groups a second. */
  private static final Manifest.Audio AUDIO =
      new Manifest.Audio(16000, 400, 160, 128, "c", 1e-10, 8, 4, 4, 200, 25, 5);

  private static final ThreadPlan ONE_EACH = new ThreadPlan(1, 1);

  private static CostCurve curve(double one, double sixteen) {
    return new CostCurve(Map.of(1, one, 16, sixteen));
  }

  private static CapacityModel model(
      double encoder, double prefill, CostCurve step, CostCurve detokenizer, int cores) {
    HostCosts costs = new HostCosts(curve(encoder, 16 * encoder), prefill, step, detokenizer);
    return new CapacityModel(costs, AUDIO, ONE_EACH, 16, cores);
  }

  @Test
  void costsBetweenMeasuredSizesAreLinear() {
    CostCurve curve = curve(4, 19);
    assertThat(curve.at(1)).isEqualTo(4);
    assertThat(curve.at(6)).isEqualTo(9, within(1e-9));
    assertThat(curve.at(2.5)).isEqualTo(5.5, within(1e-9));
    assertThat(curve.at(32)).isEqualTo(38, within(1e-9));
    assertThat(new CostCurve(Map.of(4, 2.0)).at(1)).isEqualTo(2);
  }

  @Test
  void theBusiestThreadDecides() {
    // 8 listen: 4 windows a second of 50 ms; 8 speak: 5 steps a second of 10 ms.
    assertThat(model(50, 0, curve(10, 10), null, 0).load(16)).isEqualTo(0.2, within(1e-9));
    // 5 steps a second of 100 ms, and 4 prefills a second of 25 ms on the same thread.
    assertThat(model(1, 25, curve(100, 100), null, 0).load(16)).isEqualTo(0.6, within(1e-9));
    // 5 calls a second of 60 ms for 8 streams.
    assertThat(model(1, 0, curve(1, 1), curve(60, 60), 0).load(16)).isEqualTo(0.3, within(1e-9));
  }

  @Test
  void allThreadsTogetherShareTheCores() {
    CapacityModel four = model(100, 0, curve(80, 80), curve(80, 80), 4);
    CapacityModel one = model(100, 0, curve(80, 80), curve(80, 80), 1);
    assertThat(four.load(16)).isEqualTo(0.4, within(1e-9));
    assertThat(one.load(16)).isEqualTo(1.2, within(1e-9));
  }

  @Test
  void moreThreadsShareTheWork() {
    HostCosts costs = new HostCosts(curve(200, 3200), 0, curve(1, 1), curve(60, 960));
    CapacityModel one = new CapacityModel(costs, AUDIO, ONE_EACH, 1, 0);
    CapacityModel four = new CapacityModel(costs, AUDIO, new ThreadPlan(4, 4), 1, 0);
    assertThat(four.load(16)).isEqualTo(one.load(16) / 4, within(1e-9));
  }

  @Test
  void theCapacityKeepsTheLoadBelowTheUtilization() {
    CapacityModel model = model(20, 0, curve(1, 1), null, 0);
    // n / 2 windows of 20 ms each two seconds: 0.8 is 160.
    assertThat(model.capacity(0.8, 4096)).isEqualTo(160);
    assertThat(model.load(160)).isEqualTo(0.8, within(1e-9));
    assertThat(model.capacity(0.8, 12)).isEqualTo(12);
  }

  @Test
  void oneIsAlwaysHeld() {
    assertThat(model(60_000, 0, curve(1, 1), null, 0).capacity(0.8, 64)).isEqualTo(1);
  }

  @Test
  void aMachineWithFourTimesTheCoresHasFourTimesTheThreads() {
    assertThat(ThreadPlan.automatic().on(2)).isEqualTo(new ThreadPlan(1, 1));
    assertThat(ThreadPlan.automatic().on(16)).isEqualTo(new ThreadPlan(4, 4));
    assertThat(new ThreadPlan(3, 0).on(16)).isEqualTo(new ThreadPlan(3, 4));
  }
}
