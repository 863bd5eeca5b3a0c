package io.antiphon.gateway;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Leaves tests out that need a program which is not everywhere. */
final class Skipping {
  private Skipping() {}

  /** Skips what runs, and prints why, unless a condition holds. */
  static void unless(boolean condition, String reason) {
    if (!condition) {
      System.out.println("skipped: " + reason);
    }
    assumeTrue(condition, reason);
  }
}
