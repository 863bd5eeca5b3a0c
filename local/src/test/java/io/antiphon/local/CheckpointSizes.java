package io.antiphon.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.TraceOptions;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.traces.Span;
import org.apache.flink.traces.reporter.TraceReporter;
import org.apache.flink.traces.reporter.TraceReporterFactory;

/**
 * The product's dataflow, whose cluster tells the size of each checkpoint when it is complete.
 * Flink makes the reporter by its name: for one cluster in the process. For one test thread.
 */
final class CheckpointSizes extends ObservedDataflow {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final int UNCHANGED = 10;
  private static final BlockingQueue<Long> COMPLETED = new LinkedBlockingQueue<>();

  /** Found by Flink as a service. */
  public static final class Factory implements TraceReporterFactory {
    @Override
    public TraceReporter createTraceReporter(Properties properties) {
      return new Reporter();
    }
  }

  private static final class Reporter implements TraceReporter {
    @Override
    public void open(MetricConfig settings) {}

    @Override
    public void close() {}

    @Override
    public void notifyOfAddedSpan(Span span) {
      Map<String, Object> attributes = span.getAttributes();
      if (span.getName().equals("Checkpoint")
          && "COMPLETED".equals(attributes.get("checkpointStatus"))) {
        COMPLETED.add((Long) attributes.get("fullSize"));
      }
    }
  }

  @Override
  public Configuration cluster() {
    Configuration configuration = new Configuration();
    TraceOptions.forReporter(configuration, "test")
        .set(TraceOptions.REPORTER_FACTORY_CLASS, Factory.class.getName());
    return configuration;
  }

  /** The size of a checkpoint when nothing changes any more. */
  long settled() throws InterruptedException {
    long[] last = {-1, 0};
    await(
        size -> {
          last[1] = size == last[0] ? last[1] + 1 : 0;
          last[0] = size;
          return last[1] == UNCHANGED;
        });
    return last[0];
  }

  /** Those that were completed and not asked for until now. */
  List<Long> completed() {
    List<Long> completed = new ArrayList<>();
    COMPLETED.drainTo(completed);
    return completed;
  }

  /** Hands the sizes of the next checkpoints to the test, one after the other, until it holds. */
  private static void await(LongPredicate test) throws InterruptedException {
    COMPLETED.clear();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    for (Long size = next(deadline); size != null; size = next(deadline)) {
      if (test.test(size)) {
        return;
      }
    }
    throw new AssertionError("the state does not settle");
  }

  private static Long next(long deadline) throws InterruptedException {
    return COMPLETED.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
  }
}
