package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Restarts of the job leave no threads and no mapped libraries behind. Temporary files belong to
 * the whole machine: {@link RestartLeaks} as a program counts them in a folder of its own.
 */
@EnabledOnOs(OS.LINUX)
class RestartLeaksITCase {
  private static final int RESTARTS = 8;

  /** Threads of pools that come and go. */
  private static final int LOOSE_THREADS = 10;

  @Test
  void threadsAndLibrariesLevelOff() throws Exception {
    List<RestartLeaks.Usage> usages = new ArrayList<>();
    RestartLeaks.restart(RESTARTS, usages::add);
    RestartLeaks.Usage early = usages.get(2);
    RestartLeaks.Usage late = usages.get(RESTARTS);
    assertThat(late.libraries()).as("libraries of %s", usages).isEqualTo(early.libraries());
    assertThat(late.threads())
        .as("threads of %s", usages)
        .isLessThanOrEqualTo(early.threads() + LOOSE_THREADS);
  }
}
