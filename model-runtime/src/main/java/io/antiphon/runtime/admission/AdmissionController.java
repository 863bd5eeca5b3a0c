package io.antiphon.runtime.admission;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.runtime.Admission;
import io.antiphon.runtime.AdmissionSettings;
import io.antiphon.runtime.HostMetrics;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives out a host's places. A fixed capacity counts conversations. A measured one counts contexts
 * against what the calibration and the rows allow, of which other processes on the machine leave
 * only a share, and listens to the load: once the host is half full, what the running contexts
 * really take decides how many more there may be.
 */
public final class AdmissionController implements Admission {
  /**
   * What the busiest of threads and cores may really take. More than the share that the calibration
   * plans with, since it has the dataflow, the garbage collector and everything else in it.
   */
  private static final double MOST_BUSY = 0.75;

  /** Contexts that there may be for each whose load is known, once the host is half full. */
  private static final double MOST_GROWTH = 1.5;

  /** A smaller share of the cores is what the system itself takes. */
  private static final double WORTH_TELLING = 0.1;

  private final AdmissionSettings settings;
  private final int calibrated;
  private final DoubleSupplier load;
  private final DoubleSupplier free;
  private final BooleanSupplier late;
  private final LongSupplier clock;

  /** Contexts of the time over which the load is measured: new ones have cost nothing yet. */
  private final RecentAverage seenContexts;

  private final LongAdder admitted;
  private final LongAdder refused;

  @GuardedBy("this")
  private int conversations;

  @GuardedBy("this")
  private int contexts;

  /**
   * @param calibrated contexts that the calibration and the rows allow; of no meaning with a fixed
   *     capacity
   * @param load the busiest of threads and cores in the last seconds, 0 to 1
   * @param free the share of the cores that other processes left in the last seconds, 0 to 1
   * @param late whether speech came too late in the last seconds
   * @param clock in nanoseconds
   */
  public AdmissionController(
      AdmissionSettings settings,
      int calibrated,
      DoubleSupplier load,
      DoubleSupplier free,
      BooleanSupplier late,
      LongSupplier clock,
      HostMetrics metrics) {
    this.settings = settings;
    this.calibrated = calibrated;
    this.load = load;
    this.free = free;
    this.late = late;
    this.clock = clock;
    this.seenContexts = new RecentAverage(LoadWatch.CONSTANT_NANOS, clock.getAsLong());
    this.admitted = metrics.counter("admission.admitted");
    this.refused = metrics.counter("admission.refused");
    metrics.gauge("admission.capacity", this::capacity);
    metrics.gauge("admission.conversations", () -> conversations());
    metrics.gauge("admission.contexts", () -> contexts());
    metrics.gauge("admission.load", load);
  }

  @Override
  public synchronized Decision request(int wanted) {
    String reason = objection(wanted);
    if (reason != null) {
      refused.increment();
      return new Refused(reason, settings.retryAfter());
    }
    admitted.increment();
    return new Accepted(take(wanted));
  }

  @Override
  public synchronized Place resume(int wanted) {
    return take(wanted);
  }

  @Override
  public Duration idleAfter() {
    return settings.idleAfter();
  }

  /** Why not, or null. */
  @GuardedBy("this")
  private @Nullable String objection(int wanted) {
    if (conversations == 0) {
      return null;
    }
    if (fixed()) {
      return conversations < settings.capacity()
          ? null
          : "capacity: all " + settings.capacity() + " places are taken";
    }
    if (contexts + wanted > calibrated) {
      return "capacity: " + contexts + " of " + calibrated + " places are taken";
    }
    if (contexts + wanted > allowed()) {
      return "load: the conversations under way take all the time that there is" + others();
    }
    return late.getAsBoolean() ? "late: the speech of conversations under way is late" : null;
  }

  private boolean fixed() {
    return settings.capacity() != AdmissionSettings.MEASURED;
  }

  /** Names other processes where they are part of the reason. */
  private String others() {
    double taken = 1 - free.getAsDouble();
    return taken < WORTH_TELLING
        ? ""
        : String.format(
            Locale.ROOT, "; other processes take %.0f %% of the processor cores", 100 * taken);
  }

  /** Contexts that may be, as far as those that are show it. */
  @GuardedBy("this")
  private int allowed() {
    int possible = Math.max(1, (int) Math.floor(calibrated * free.getAsDouble()));
    // With few contexts a high load is that of a start, or of calls that could be shared.
    if (contexts < (possible + 1) / 2) {
      return possible;
    }
    double seen = seenContexts.get(clock.getAsLong());
    // What came in the last seconds has shown little of its load yet.
    possible = (int) Math.min(possible, Math.max((possible + 1) / 2, MOST_GROWTH * seen));
    double each = seen == 0 ? 0 : load.getAsDouble() / seen;
    return each == 0 ? possible : (int) Math.min(possible, MOST_BUSY / each);
  }

  /** Conversations (fixed capacity) or contexts (measured) that may be at this moment. */
  private synchronized double capacity() {
    return fixed() ? settings.capacity() : allowed();
  }

  private synchronized int conversations() {
    return conversations;
  }

  private synchronized int contexts() {
    return contexts;
  }

  @GuardedBy("this")
  private Place take(int wanted) {
    conversations++;
    contexts += wanted;
    seenContexts.set(contexts, clock.getAsLong());
    AtomicBoolean given = new AtomicBoolean();
    return () -> {
      if (given.compareAndSet(false, true)) {
        giveBack(wanted);
      }
    };
  }

  private synchronized void giveBack(int wanted) {
    conversations--;
    contexts -= wanted;
    seenContexts.set(contexts, clock.getAsLong());
  }
}
