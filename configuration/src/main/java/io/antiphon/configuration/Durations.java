package io.antiphon.configuration;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: "5ms", "30s", "10m", "1h", "0". */
public final class Durations {
  static final String EXPECTATION = "a duration such as 5ms, 30s, 10m or 1h, at most 3650d";

  /** Sums and milliseconds of such durations stay far from overflow. */
  private static final Duration LONGEST = Duration.ofDays(3650);

  private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*(us|ms|s|m|h|d)");

  private Durations() {}

  /**
   * @throws IllegalArgumentException if {@code text} has another form
   */
  public static Duration parse(String text) {
    String trimmed = text.trim();
    if (trimmed.equals("0")) {
      return Duration.ZERO;
    }
    Matcher matcher = FORM.matcher(trimmed);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(text);
    }
    long number = Long.parseLong(matcher.group(1));
    Duration duration = of(number, matcher.group(2));
    if (duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(text);
    }
    return duration;
  }

  private static Duration of(long number, String unit) {
    return switch (unit) {
      case "us" -> Duration.ofNanos(1000 * number);
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }
}
