package io.antiphon.runtime;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The two small reference bundles with their cases, among the test resources. */
final class Goldens {
  static final Path A = find("/goldens/a");
  static final Path B = find("/goldens/b");

  private Goldens() {}

  private static Path find(String resource) {
    try {
      return Path.of(Goldens.class.getResource(resource).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
