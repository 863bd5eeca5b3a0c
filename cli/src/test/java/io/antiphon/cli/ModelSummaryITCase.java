package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import io.antiphon.operators.calls.ModelSummarizer;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.host.ModelHosts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Summaries of the shipped model, which was never taught any, on its real host. */
class ModelSummaryITCase {
  @Test
  void whatNanoWritesQuotesNothingAndCannotBeUsed() {
    List<TranscriptSegment> call = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      call.add(
          new TranscriptSegment(
              i % 2,
              i % 2 == 0 ? "CUSTOMER" : "AGENT",
              i,
              new Interval(1000L * i, 1000L * i + 900),
              i % 2 == 0 ? "please block my card" : "your card ends with [NUMBER]",
              List.of(),
              0,
              List.of(),
              List.of(),
              List.of(),
              List.of()));
    }
    try (ModelHost host =
        ModelHosts.acquire(
            ModelHostSettings.defaults(Path.of("../models/nano"))
                .withParts(ModelHostSettings.Parts.TEXT))) {
      ModelSummarizer summarizer = new ModelSummarizer(host);
      for (List<TranscriptSegment> each : List.of(call.subList(0, 6), call)) {
        long before = steps(host);
        long begin = System.nanoTime();
        Optional<WrittenSummary> written = summarizer.summarize("call", each).join();
        long steps = steps(host) - before;
        System.out.printf(
            "%d utterances: %d steps, %.0f ms, %s%n",
            each.size(), steps, (System.nanoTime() - begin) / 1e6, written);
        assertThat(steps).as("the model was asked").isPositive();
        assertThat(written).isEmpty();
      }
    }
  }

  private static long steps(ModelHost host) {
    return host.metrics().counters().get("response.steps").sum();
  }
}
