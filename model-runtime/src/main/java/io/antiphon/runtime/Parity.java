package io.antiphon.runtime;

import java.nio.file.Path;

/** Compares every stage of a bundle with reference cases. */
public final class Parity {
  /**
   * @param bundle the bundle's directory
   * @param cases a folder with {@code cases.safetensors}, as made by the reference implementation
   */
  public ParityReport run(Path bundle, Path cases) {
    throw new UnsupportedOperationException();
  }
}
