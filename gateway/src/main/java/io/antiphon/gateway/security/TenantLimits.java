package io.antiphon.gateway.security;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Counts what each tenant uses on this node: open sessions, sessions begun within a minute, minutes
 * within a day. Thread safe.
 */
final class TenantLimits {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long DAY = Duration.ofDays(1).toNanos();

  /**
   * What a tenant may use; 0 is without a limit.
   *
   * @param sessions open at once
   * @param sessionsPerMinute begun
   * @param minutesPerDay of all sessions together
   */
  record Allowance(int sessions, int sessionsPerMinute, int minutesPerDay) {}

  private static final class Use {
    private int open;
    private double tokens;
    private long refilledAt;
    private long usedNanos;
    private long dayBegan;

    Use(Allowance allowance, long now) {
      tokens = allowance.sessionsPerMinute();
      refilledAt = now;
      dayBegan = now;
    }
  }

  private final Allowance allowance;
  private final LongSupplier nanoTime;
  private final Map<String, Use> byTenant = new HashMap<>();

  TenantLimits(Allowance allowance, LongSupplier nanoTime) {
    this.allowance = allowance;
    this.nanoTime = nanoTime;
  }

  /** Opens a session, to be closed by {@link #close}. */
  synchronized void open(String tenant) throws LimitException {
    long now = nanoTime.getAsLong();
    Use use = byTenant.computeIfAbsent(tenant, t -> new Use(allowance, now));
    if (now - use.dayBegan >= DAY) {
      use.dayBegan = now;
      use.usedNanos = 0;
    }
    if (allowance.sessions > 0 && use.open >= allowance.sessions) {
      throw new LimitException(
          "sessions", "tenant has " + use.open + " open sessions, as many as it may");
    }
    if (allowance.minutesPerDay > 0 && use.usedNanos >= allowance.minutesPerDay * MINUTE) {
      throw new LimitException(
          "minutes", "tenant has used its " + allowance.minutesPerDay + " minutes of the day");
    }
    if (allowance.sessionsPerMinute > 0) {
      double perNano = allowance.sessionsPerMinute / (double) MINUTE;
      use.tokens =
          Math.min(allowance.sessionsPerMinute, use.tokens + (now - use.refilledAt) * perNano);
      use.refilledAt = now;
      if (use.tokens < 1) {
        throw new LimitException(
            "rate",
            "tenant begins more than " + allowance.sessionsPerMinute + " sessions a minute");
      }
      use.tokens--;
    }
    use.open++;
  }

  synchronized void close(String tenant, long nanos) {
    Use use = byTenant.get(tenant);
    if (use != null) {
      use.open--;
      use.usedNanos += nanos;
    }
  }
}
