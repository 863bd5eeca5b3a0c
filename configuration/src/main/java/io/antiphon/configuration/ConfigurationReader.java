package io.antiphon.configuration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a configuration from YAML over built-in defaults.
 *
 * @param <T> the record that holds all settings, a tree of {@link Section}s
 */
public final class ConfigurationReader<T extends Record & Section> {
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private final Class<T> type;
  private final String defaults;

  /**
   * @param type a record in the module that holds the defaults
   * @param defaults name of a YAML resource beside the root of {@code type}'s class path, complete
   */
  public ConfigurationReader(Class<T> type, String defaults) {
    this.type = type;
    this.defaults = defaults;
  }

  /** The defaults. */
  public T defaults() {
    return read(Optional.empty(), Map.of());
  }

  /**
   * @param file what differs from the defaults; none is the defaults
   * @param overrides by dotted name ("model.rows"), over the file
   * @throws InvalidConfigurationException with every problem
   */
  public T read(Optional<Path> file, Map<String, String> overrides) {
    String origin = file.map(Path::toString).orElse("the given settings");
    JsonNode given = file.map(f -> parse(f, origin)).orElseGet(YAML::createObjectNode);
    Problems problems = new Problems();
    if (given.isObject()) {
      overrides.forEach((name, value) -> override((ObjectNode) given, name, value, problems));
    }
    T configuration = SectionBinder.bind(type, given, builtIn(), problems);
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException(origin, problems.sentences());
    }
    return configuration;
  }

  private void override(ObjectNode root, String name, String value, Problems problems) {
    ObjectNode section = root;
    String[] parts = SectionBinder.path(type, name);
    for (int i = 0; i < parts.length - 1; i++) {
      JsonNode next = section.path(parts[i]);
      if (!next.isMissingNode() && !next.isObject()) {
        problems.addSentence(
            name, "cannot be set, because " + parts[i] + " is not a mapping of settings");
        return;
      }
      section = next.isObject() ? (ObjectNode) next : section.putObject(parts[i]);
    }
    section.put(parts[parts.length - 1], value);
  }

  private static JsonNode parse(Path file, String origin) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidConfigurationException(
          origin, List.of("the file does not exist; expected a YAML file of settings"));
    }
    try {
      JsonNode tree = YAML.readTree(Files.readAllBytes(file));
      if (tree == null || tree instanceof MissingNode || tree.isNull()) {
        return YAML.createObjectNode();
      }
      if (!tree.isObject()) {
        throw new InvalidConfigurationException(
            origin,
            List.of("the file holds no mapping; expected sections such as kafka: and model:"));
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw new InvalidConfigurationException(
          origin,
          List.of(
              "line "
                  + (e.getLocation() == null ? 1 : e.getLocation().getLineNr())
                  + ": "
                  + e.getOriginalMessage()
                  + "; expected YAML"));
    } catch (IOException e) {
      throw new InvalidConfigurationException(
          origin, List.of("the file cannot be read: " + e.getMessage()));
    }
  }

  private JsonNode builtIn() {
    try (InputStream stream = type.getResourceAsStream("/" + defaults)) {
      return YAML.readTree(stream);
    } catch (IOException e) {
      throw new UncheckedIOException("the built-in " + defaults + " cannot be read", e);
    }
  }
}
