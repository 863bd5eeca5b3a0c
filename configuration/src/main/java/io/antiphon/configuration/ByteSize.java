package io.antiphon.configuration;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written "512", "64KiB", "1MiB" or "2GiB". */
public record ByteSize(long bytes) {
  static final String EXPECTATION = "a size such as 512KiB or 1MiB";
  private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*(|B|KiB|MiB|GiB)");

  /**
   * @throws IllegalArgumentException if {@code text} has another form
   */
  public static ByteSize parse(String text) {
    Matcher matcher = FORM.matcher(text.trim());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(text);
    }
    int shift =
        switch (matcher.group(2)) {
          case "KiB" -> 10;
          case "MiB" -> 20;
          case "GiB" -> 30;
          default -> 0;
        };
    return new ByteSize(Long.parseLong(matcher.group(1)) << shift);
  }

  /** The size as an {@code int}; sizes are checked to fit where they are used. */
  public int toInt() {
    return Math.toIntExact(bytes);
  }

  @Override
  public String toString() {
    return bytes + "B";
  }
}
