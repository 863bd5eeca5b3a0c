package io.antiphon.runtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.manifest.BundleDigest;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.ManifestReader;
import io.antiphon.runtime.speech.FrameGrouper;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelTransform;
import io.antiphon.runtime.text.HuggingFaceTextTokenizer;
import io.antiphon.runtime.text.Prompts;
import io.antiphon.runtime.text.TextTokenizer;
import io.antiphon.runtime.text.TurnEndings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A bundle's directory, read and checked: manifest, log-mel constants, text tokenizer, prompts.
 * Thread safe until it is closed. Graphs are loaded by the host.
 */
public final class Bundle implements AutoCloseable {
  private final Path directory;
  private final Manifest manifest;
  private final MelTransform.Constants constants;
  private final Optional<TextTokenizer> tokenizer;
  private final Optional<Prompts> prompts;
  private final Optional<TurnEndings> turnEndings;

  @GuardedBy("this")
  private @Nullable String digest;

  private Bundle(
      Path directory,
      Manifest manifest,
      MelTransform.Constants constants,
      Optional<TextTokenizer> tokenizer,
      Optional<Prompts> prompts,
      Optional<TurnEndings> turnEndings) {
    this.directory = directory;
    this.manifest = manifest;
    this.constants = constants;
    this.tokenizer = tokenizer;
    this.prompts = prompts;
    this.turnEndings = turnEndings;
  }

  /**
   * @throws ConfigurationException naming every problem of the directory and its manifest
   */
  public static Bundle load(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    Manifest manifest = ManifestReader.read(absolute);
    try {
      MelTransform.Constants constants =
          MelTransform.Constants.read(
              absolute.resolve(manifest.audio().constants()), manifest.audio());
      Optional<TextTokenizer> tokenizer = Optional.empty();
      if (manifest.prompt().isPresent()) {
        Manifest.Prompt prompt = manifest.prompt().get();
        tokenizer =
            Optional.of(
                HuggingFaceTextTokenizer.read(
                    absolute.resolve(ManifestReader.TOKENIZER_FILE),
                    prompt.markers(),
                    Set.of(prompt.toolCallBegin(), prompt.toolCallEnd())));
      }
      Optional<Prompts> prompts =
          tokenizer.map(known -> new Prompts(manifest.prompt().orElseThrow(), known));
      Optional<TurnEndings> endings = Optional.empty();
      Optional<String> endingsFile = manifest.prompt().flatMap(Manifest.Prompt::turnEndings);
      if (endingsFile.isPresent()) {
        endings = Optional.of(TurnEndings.read(absolute.resolve(endingsFile.get())));
      }
      return new Bundle(absolute, manifest, constants, tokenizer, prompts, endings);
    } catch (IOException e) {
      throw new ConfigurationException(
          "Bundle " + absolute, List.of("a file cannot be read: " + e.getMessage()));
    }
  }

  public Path directory() {
    return directory;
  }

  /** A graph's file. */
  public Path file(Manifest.Graph graph) {
    return directory.resolve(manifest.graphs().get(graph));
  }

  public Manifest manifest() {
    return manifest;
  }

  /**
   * What tells this bundle from others of the same name; see {@link BundleDigest}. Reads the
   * bundle's files when it is first called.
   *
   * @throws UncheckedIOException when a file cannot be read
   */
  public synchronized String digest() {
    String known = digest;
    if (known == null) {
      try {
        known = BundleDigest.of(directory, manifest);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      digest = known;
    }
    return known;
  }

  /**
   * @throws IllegalStateException when the bundle has no tokenizer (reference cases only)
   */
  public TextTokenizer tokenizer() {
    return tokenizer.orElseThrow(this::cannotConverse);
  }

  /**
   * @throws IllegalStateException when the bundle has no tokenizer (reference cases only)
   */
  public Prompts prompts() {
    return prompts.orElseThrow(this::cannotConverse);
  }

  /** After which words callers are done; empty where the bundle does not know. */
  public Optional<TurnEndings> turnEndings() {
    return turnEndings;
  }

  /** A fresh log-mel stream. */
  public LogMel logMel() {
    return new LogMel(manifest.audio(), constants);
  }

  /**
   * A log-mel stream that knows the utterance's maximum beforehand, for comparisons with the
   * reference.
   */
  public LogMel logMel(float maximum) {
    return new LogMel(manifest.audio(), constants, maximum);
  }

  /** A fresh grouper of encoder frames. */
  public FrameGrouper frameGrouper() {
    return new FrameGrouper(manifest.audio(), manifest.sharedLlm().hiddenSize());
  }

  /** Frees the tokenizer's native part; a bundle of a host is closed by the host. */
  @Override
  public void close() {
    tokenizer.ifPresent(TextTokenizer::close);
  }

  private IllegalStateException cannotConverse() {
    return new IllegalStateException(
        "bundle " + directory + " has no tokenizer and prompt, it can only be compared with cases");
  }
}
