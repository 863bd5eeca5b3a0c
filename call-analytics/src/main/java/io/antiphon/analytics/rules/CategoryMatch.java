package io.antiphon.analytics.rules;

import io.antiphon.analytics.Interval;
import java.util.List;

/**
 * A category that fits a call.
 *
 * @param name of the category
 * @param points where in media time it shows, by begin, each once; empty where it shows nowhere, as
 *     for what was not said
 */
public record CategoryMatch(String name, List<Interval> points) {
  public CategoryMatch {
    points = List.copyOf(points);
  }
}
