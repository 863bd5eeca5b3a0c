package io.antiphon.runtime;

import java.net.URISyntaxException;
import java.nio.file.Path;

/**
 * Reference cases, among the test resources: two small bundles with their cases, and the cases of
 * the shipped nano.
 */
final class Goldens {
  static final Path A = find("/goldens/a");
  static final Path B = find("/goldens/b");
  static final Path NANO = find("/goldens/nano");
  static final Path NANO_BUNDLE = Path.of(System.getProperty("antiphon.model", "../models/nano"));

  private Goldens() {}

  private static Path find(String resource) {
    try {
      return Path.of(Goldens.class.getResource(resource).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
