package io.antiphon.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.client.Percentiles;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Counts results, tells the progress at most once a second, and sums up. Not thread safe. */
final class EvaluationProgress {
  private static final long INTERVAL = Duration.ofSeconds(1).toNanos();

  private final int total;
  private final PrintWriter terminal;
  private final long begin = System.nanoTime();
  private final List<Double> firstAudioMillis = new ArrayList<>();
  private long lastShown = begin;
  private int done;
  private int failed;

  EvaluationProgress(int total, PrintWriter terminal) {
    this.total = total;
    this.terminal = terminal;
  }

  void add(EvaluationResult result) {
    done++;
    if (!result.answered()) {
      failed++;
    }
    if (result.firstAudioMillis() >= 0) {
      firstAudioMillis.add(result.firstAudioMillis());
    }
    long now = System.nanoTime();
    if (done == total || now - lastShown >= INTERVAL) {
      lastShown = now;
      double left = seconds() / done * (total - done);
      terminal.println(
          String.format(
              Locale.ROOT, "  %d of %d done, %d failed, %.0f s left", done, total, failed, left));
      terminal.flush();
    }
  }

  int failed() {
    return failed;
  }

  String text() {
    return String.format(
        Locale.ROOT,
        "%d conversations in %.1f s, %d failed; first audio p50 %.0f ms, p99 %.0f ms",
        done,
        seconds(),
        failed,
        percentile(0.5),
        percentile(0.99));
  }

  String json() {
    ObjectNode object = new ObjectMapper().createObjectNode();
    object.put("conversations", done);
    object.put("failed", failed);
    object.put("seconds", seconds());
    object.put("firstAudioMillisP50", percentile(0.5));
    object.put("firstAudioMillisP99", percentile(0.99));
    return object.toString();
  }

  /** -1 if nothing was spoken. */
  private double percentile(double share) {
    return firstAudioMillis.isEmpty() ? -1 : Percentiles.percentile(firstAudioMillis, share);
  }

  private double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }
}
