package io.antiphon.runtime.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.Admission.Accepted;
import io.antiphon.runtime.Admission.Decision;
import io.antiphon.runtime.Admission.Place;
import io.antiphon.runtime.Admission.Refused;
import io.antiphon.runtime.AdmissionSettings;
import io.antiphon.runtime.HostMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdmissionControllerTest {
  private final HostMetrics metrics = new HostMetrics();
  private final List<Place> places = new ArrayList<>();
  private double load;
  private double free = 1;
  private boolean late;
  private long now;

  private AdmissionController controller(int fixed, int calibrated) {
    AdmissionSettings settings =
        new AdmissionSettings(
            fixed, 0.8, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofSeconds(7));
    return new AdmissionController(
        settings, calibrated, () -> load, () -> free, () -> late, () -> now, metrics);
  }

  /** Asks for so many conversations; the reasons of those refused. */
  private List<String> ask(AdmissionController controller, int conversations, int contexts) {
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < conversations; i++) {
      Decision decision = controller.request(contexts);
      if (decision instanceof Accepted accepted) {
        places.add(accepted.place());
      } else if (decision instanceof Refused refused) {
        assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(7));
        reasons.add(refused.reason());
      }
    }
    return reasons;
  }

  private double gauge(String name) {
    return metrics.gauges().get(name).getAsDouble();
  }

  @Test
  void aFixedCapacityCountsConversationsAndIgnoresTheLoad() {
    AdmissionController controller = controller(3, 1);
    load = 5;
    late = true;
    assertThat(ask(controller, 5, 2))
        .containsExactly("capacity: all 3 places are taken", "capacity: all 3 places are taken");
    assertThat(gauge("admission.conversations")).isEqualTo(3);
    assertThat(gauge("admission.contexts")).isEqualTo(6);
    assertThat(gauge("admission.capacity")).isEqualTo(3);
    assertThat(metrics.counters().get("admission.admitted").sum()).isEqualTo(3);
    assertThat(metrics.counters().get("admission.refused").sum()).isEqualTo(2);
  }

  @Test
  void aPlaceGivenBackIsFreeOnce() {
    AdmissionController controller = controller(2, 0);
    ask(controller, 2, 1);
    places.get(0).close();
    places.get(0).close();
    assertThat(ask(controller, 2, 1)).hasSize(1);
  }

  @Test
  void whoWasAcceptedBeforeIsNeverRefused() {
    AdmissionController controller = controller(2, 0);
    ask(controller, 2, 1);
    Place returned = controller.resume(1);
    assertThat(gauge("admission.conversations")).isEqualTo(3);
    places.get(0).close();
    assertThat(ask(controller, 1, 1)).hasSize(1);
    returned.close();
    assertThat(ask(controller, 1, 1)).isEmpty();
  }

  @Test
  void aMeasuredCapacityCountsContexts() {
    AdmissionController controller = controller(0, 5);
    assertThat(ask(controller, 3, 2)).containsExactly("capacity: 4 of 5 places are taken");
    later();
    assertThat(ask(controller, 1, 1)).isEmpty();
  }

  @Test
  void oneConversationIsTakenByTheSmallestHost() {
    AdmissionController controller = controller(0, 1);
    load = 9;
    late = true;
    assertThat(ask(controller, 1, 2)).isEmpty();
    assertThat(ask(controller, 1, 1)).hasSize(1);
  }

  @Test
  void whatRunningOnesReallyTakeDecidesOnceTheHostIsHalfFull() {
    AdmissionController controller = controller(0, 20);
    load = 1;
    assertThat(ask(controller, 10, 1)).isEmpty(); // a start is no measure
    assertThat(ask(controller, 1, 1))
        .containsExactly("load: the conversations under way take all the time that there is");
    load = 0.6;
    later();
    // 0.06 each: 12 take 0.72 of the 0.75 that there may be.
    assertThat(gauge("admission.capacity")).isEqualTo(12);
    assertThat(ask(controller, 1, 1)).isEmpty();
    load = 0.1;
    later();
    assertThat(gauge("admission.capacity")).isEqualTo(16); // half as many again
    assertThat(ask(controller, 5, 1)).isEmpty();
    later();
    assertThat(gauge("admission.capacity")).isEqualTo(20);
    assertThat(ask(controller, 12, 1)).hasSize(8);
  }

  @Test
  void thoseWhoHaveJustComeAreNotTakenForCheap() {
    AdmissionController controller = controller(0, 40);
    ask(controller, 20, 1);
    later();
    load = 0.5; // 0.025 each: 30 in all
    List<String> refused = ask(controller, 40, 1);
    assertThat(refused).hasSize(30);
    load = 0.52; // the ten new ones have begun to speak
    now += TimeUnit.MILLISECONDS.toNanos(500);
    assertThat(ask(controller, 1, 1)).hasSize(1);
    load = 0.75;
    later();
    assertThat(ask(controller, 1, 1)).hasSize(1);
  }

  @Test
  void aCrowdThatComesAtOnceIsLetInAsItShowsWhatItTakes() {
    AdmissionController controller = controller(0, 40);
    assertThat(ask(controller, 100, 1)).hasSize(80);
    later();
    load = 0.2;
    assertThat(ask(controller, 100, 1)).hasSize(90);
    later();
    load = 0.3;
    assertThat(ask(controller, 100, 1)).hasSize(90);
    assertThat(gauge("admission.contexts")).isEqualTo(40);
  }

  @Test
  void whatOtherProcessesTakeIsNotGivenOutAndTold() {
    AdmissionController controller = controller(0, 40);
    ask(controller, 10, 1);
    later();
    free = 0.4;
    load = 0.5;
    assertThat(gauge("admission.capacity")).isEqualTo(15);
    assertThat(ask(controller, 6, 1))
        .containsExactly(
            "load: the conversations under way take all the time that there is; other processes"
                + " take 60 % of the processor cores");
  }

  /** So much later that everybody's load is known. */
  private void later() {
    now += TimeUnit.MINUTES.toNanos(30);
  }

  @Test
  void nobodyComesInWhileSpeechIsLate() {
    AdmissionController controller = controller(0, 20);
    ask(controller, 1, 1);
    late = true;
    assertThat(ask(controller, 1, 1))
        .containsExactly("late: the speech of conversations under way is late");
    late = false;
    assertThat(ask(controller, 1, 1)).isEmpty();
  }
}
