package io.antiphon.runtime.admission;

import io.antiphon.runtime.Admission;
import io.antiphon.runtime.AdmissionSettings;
import io.antiphon.runtime.HostMetrics;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;

/**
 * Gives out a host's places. A fixed capacity counts conversations. A measured one counts contexts
 * against what the calibration and the rows allow, and listens to the load: once the host is half
 * full, what the running contexts really take decides how many more there may be.
 */
public final class AdmissionController implements Admission {
  /**
   * What the busiest of threads and cores may really take. More than the share that the calibration
   * plans with, since it has the dataflow, the garbage collector and everything else in it.
   */
  private static final double MOST_BUSY = 0.75;

  private final AdmissionSettings settings;
  private final int calibrated;
  private final DoubleSupplier load;
  private final BooleanSupplier late;
  private final LongAdder admitted;
  private final LongAdder refused;
  private int conversations;
  private int contexts;

  /**
   * @param calibrated contexts that the calibration and the rows allow; of no meaning with a fixed
   *     capacity
   * @param load the busiest of threads and cores in the last seconds, 0 to 1
   * @param late whether speech came too late in the last seconds
   */
  public AdmissionController(
      AdmissionSettings settings,
      int calibrated,
      DoubleSupplier load,
      BooleanSupplier late,
      HostMetrics metrics) {
    this.settings = settings;
    this.calibrated = calibrated;
    this.load = load;
    this.late = late;
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
  private String objection(int wanted) {
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
      return "load: the conversations under way take all the time that there is";
    }
    return late.getAsBoolean() ? "late: the speech of conversations under way is late" : null;
  }

  private boolean fixed() {
    return settings.capacity() != AdmissionSettings.MEASURED;
  }

  /** Contexts that may be, as far as those that are show it. */
  private int allowed() {
    // With few contexts a high load is that of a start, or of calls that could be shared.
    if (contexts < (calibrated + 1) / 2) {
      return calibrated;
    }
    double each = load.getAsDouble() / contexts;
    return each == 0 ? calibrated : (int) Math.min(calibrated, MOST_BUSY / each);
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

  private Place take(int wanted) {
    conversations++;
    contexts += wanted;
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
  }
}
