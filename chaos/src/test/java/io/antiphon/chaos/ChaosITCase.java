package io.antiphon.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.chaos.faults.Fault;
import io.antiphon.chaos.faults.FaultRound;
import io.antiphon.chaos.report.ChaosReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The TaskManager dies in mid-sentence, then the JobManager, then the broker: every caller hears
 * the same answers as if nothing had happened.
 */
class ChaosITCase {
  @Test
  void callersHearTheSameWhateverDies() throws Exception {
    ChaosReport report =
        new ChaosRun(
                new ChaosSettings(
                    Path.of(".."),
                    Path.of("target", "chaos-run-" + ProcessHandle.current().pid()),
                    7,
                    3,
                    List.of(Fault.KILL_TASK_MANAGER, Fault.KILL_JOB_MANAGER, Fault.KILL_BROKER),
                    3,
                    Duration.ZERO,
                    Duration.ofSeconds(1),
                    Map.of()),
                System.out::println,
                interim -> {})
            .run();

    assertThat(report.problems()).isEmpty();
    assertThat(report.same()).isTrue();
    assertThat(report.rounds()).extracting(FaultRound::fault).doesNotHaveDuplicates().hasSize(3);
    assertThat(report.rounds()).anySatisfy(r -> assertThat(r.midSentence()).isPositive());
    assertThat(report.answers()).isGreaterThan(3);
  }
}
