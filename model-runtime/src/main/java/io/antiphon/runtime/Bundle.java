package io.antiphon.runtime;

import java.nio.file.Path;

/**
 * A bundle's directory, read and checked: manifest, text tokenizer, prompts. Immutable. Graphs are
 * loaded by the host.
 */
public final class Bundle {
  private final Path directory;
  private final Manifest manifest;

  private Bundle(Path directory, Manifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /**
   * @throws ConfigurationException naming every problem of the directory and its manifest
   */
  public static Bundle load(Path directory) {
    throw new UnsupportedOperationException();
  }

  public Path directory() {
    return directory;
  }

  public Manifest manifest() {
    return manifest;
  }

  /**
   * @throws IllegalStateException when the bundle has no tokenizer (reference cases only)
   */
  public TextTokenizer tokenizer() {
    throw new UnsupportedOperationException();
  }

  /**
   * @throws IllegalStateException when the bundle has no tokenizer (reference cases only)
   */
  public Prompts prompts() {
    throw new UnsupportedOperationException();
  }

  /** A fresh log-mel stream. */
  public LogMel logMel() {
    throw new UnsupportedOperationException();
  }

  /** A fresh grouper of encoder frames. */
  public FrameGrouper frameGrouper() {
    throw new UnsupportedOperationException();
  }
}
