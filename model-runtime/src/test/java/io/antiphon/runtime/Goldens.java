package io.antiphon.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Reference cases, among the test resources: small bundles with their cases, of which c has a
 * refined head with a window, the same ones with graphs by weights ("a by weights"), a random one
 * with packed weights ("int4"), a random mixture of experts ("experts"), and the cases of the
 * shipped nano.
 */
public final class Goldens {
  public static final Path A = resource("/goldens/a");
  static final Path B = resource("/goldens/b");
  static final Path C = resource("/goldens/c");
  static final Path NANO = resource("/goldens/nano");
  static final Path NANO_BUNDLE = Path.of(System.getProperty("antiphon.model", "../models/nano"));

  private static final String BY_WEIGHTS = " by weights";
  private static final Map<String, Path> MADE = new ConcurrentHashMap<>();

  private Goldens() {}

  static Path of(String name) {
    if (name.equals("int4") || name.equals("experts")) {
      return resource("/goldens-by-weights/" + name);
    }
    if (name.endsWith(BY_WEIGHTS)) {
      return MADE.computeIfAbsent(name.replace(BY_WEIGHTS, ""), Goldens::byWeights);
    }
    return resource("/goldens/" + name);
  }

  /** Graphs by weights have to lie beside the weights, which are kept once. */
  private static Path byWeights(String name) {
    try {
      Path directory = Files.createTempDirectory("by-weights-" + name);
      for (String source : List.of("/goldens/", "/goldens-by-weights/")) {
        try (Stream<Path> files = Files.list(resource(source + name))) {
          for (Path file : files.toList()) {
            Path copy = directory.resolve(file.getFileName().toString());
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            copy.toFile().deleteOnExit();
          }
        }
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path resource(String name) {
    try {
      return Path.of(Goldens.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
