package io.antiphon.operators;

import io.antiphon.runtime.Admission;
import java.time.Duration;

/** A fixed number of places; counts those that are held. */
final class FakeAdmission implements Admission {
  private final int capacity;
  int held;

  FakeAdmission(int capacity) {
    this.capacity = capacity;
  }

  @Override
  public Decision request(int contexts) {
    return held < capacity
        ? new Accepted(resume(contexts))
        : new Refused("capacity: all " + capacity + " places are taken", Duration.ofSeconds(5));
  }

  @Override
  public Place resume(int contexts) {
    held++;
    return () -> held--;
  }

  @Override
  public Duration idleAfter() {
    return Duration.ofSeconds(20);
  }
}
