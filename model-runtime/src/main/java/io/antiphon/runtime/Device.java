package io.antiphon.runtime;

import io.antiphon.configuration.ConfigurationException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the graphs run.
 *
 * @param kind the execution provider
 * @param index the device's number, 0 for the CPU
 */
public record Device(Kind kind, int index) {
  /** The execution providers that are supported. */
  public enum Kind {
    CPU,
    CUDA
  }

  public static final Device CPU = new Device(Kind.CPU, 0);

  private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,3})");

  public static Device cuda(int index) {
    return new Device(Kind.CUDA, index);
  }

  /**
   * Reads {@code cpu} or {@code cuda:N}.
   *
   * @throws ConfigurationException for anything else
   */
  public static Device parse(String text) {
    if (text.equals("cpu")) {
      return CPU;
    }
    Matcher matcher = CUDA.matcher(text);
    if (matcher.matches()) {
      return cuda(Integer.parseInt(matcher.group(1)));
    }
    throw new ConfigurationException(
        "Device", List.of("device is '" + text + "', expected 'cpu' or 'cuda:N' such as 'cuda:0'"));
  }

  @Override
  public String toString() {
    return kind == Kind.CPU ? "cpu" : "cuda:" + index;
  }
}
