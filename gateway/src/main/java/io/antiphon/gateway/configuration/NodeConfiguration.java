package io.antiphon.gateway.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;

/**
 * Which share of the partitions this node reads: those whose number leaves {@code index} when
 * divided by {@code count}.
 *
 * @param index from 0
 * @param count of nodes; the same on all
 */
public record NodeConfiguration(int index, int count) implements Section {
  @Override
  public void check(Problems problems) {
    problems.require(count >= 1, "count", count, "at least 1");
    problems.require(index >= 0 && index < Math.max(1, count), "index", index, "0 to count - 1");
  }
}
