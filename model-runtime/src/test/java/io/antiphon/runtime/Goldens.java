package io.antiphon.runtime;

import java.net.URISyntaxException;
import java.nio.file.Path;

/**
 * Reference cases, among the test resources: small bundles with their cases, of which c has a
 * refined head with a window, and the cases of the shipped nano.
 */
public final class Goldens {
  public static final Path A = of("a");
  static final Path B = of("b");
  static final Path C = of("c");
  static final Path NANO = of("nano");
  static final Path NANO_BUNDLE = Path.of(System.getProperty("antiphon.model", "../models/nano"));

  private Goldens() {}

  static Path of(String name) {
    try {
      return Path.of(Goldens.class.getResource("/goldens/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
