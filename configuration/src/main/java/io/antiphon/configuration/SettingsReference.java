package io.antiphon.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Every setting of a configuration, for its documentation: from the types and the defaults. */
public final class SettingsReference {
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z0-9.-]+):(?: +(.*))?");

  /**
   * A setting, or a section of them.
   *
   * @param name dotted
   * @param value the default; empty for none
   * @param expectation what may stand there; empty for a section
   * @param meaning the comment before it, empty where its name says all
   */
  public record Setting(String name, String value, String expectation, String meaning) {}

  private SettingsReference() {}

  /**
   * The settings in the order of the defaults.
   *
   * @param type of the configuration
   * @param defaults name of its YAML resource, with two spaces for each level and comments before
   *     what they are about; those before its first empty line are about the file
   * @throws IllegalStateException for a name in the defaults that is no setting
   */
  public static List<Setting> of(Class<? extends Record> type, String defaults) {
    List<Setting> settings = new ArrayList<>();
    List<String> path = new ArrayList<>();
    StringBuilder comment = new StringBuilder();
    boolean header = true;
    for (String line : text(type, defaults).split("\n")) {
      String stripped = line.strip();
      if (stripped.isEmpty()) {
        header = false;
      }
      if (stripped.isEmpty() || header) {
        comment.setLength(0);
        continue;
      }
      if (stripped.startsWith("#")) {
        comment.append(comment.isEmpty() ? "" : " ").append(stripped.substring(1).strip());
        continue;
      }
      Matcher key = KEY.matcher(line);
      if (!key.matches()) {
        throw new IllegalStateException(defaults + " has the line \"" + line + "\"");
      }
      path.subList(key.group(1).length() / 2, path.size()).clear();
      path.add(key.group(2));
      String value = key.group(3) == null ? "" : key.group(3).strip();
      String expectation = expectation(type, path, defaults);
      if (expectation == null) {
        // An entry of a mapping: part of the mapping's own default.
        Setting mapping = settings.remove(settings.size() - 1);
        String entries = mapping.value().isEmpty() ? "" : mapping.value() + ", ";
        settings.add(
            new Setting(
                mapping.name(),
                entries + key.group(2) + ": " + value,
                mapping.expectation(),
                (mapping.meaning() + " " + comment).strip()));
      } else if (!expectation.isEmpty() || !comment.isEmpty()) {
        settings.add(new Setting(String.join(".", path), value, expectation, comment.toString()));
      }
      comment.setLength(0);
    }
    return List.copyOf(settings);
  }

  /** What a path's setting expects; empty for a section, null for an entry of a mapping. */
  private static @Nullable String expectation(Class<?> type, List<String> path, String defaults) {
    Class<?> section = type;
    for (int i = 0; i < path.size(); i++) {
      RecordComponent component = SectionBinder.component(section, path.get(i));
      if (component == null) {
        throw new IllegalStateException(
            String.join(".", path) + " of " + defaults + " is not a setting");
      }
      boolean last = i == path.size() - 1;
      if (Section.class.isAssignableFrom(component.getType())) {
        section = component.getType();
      } else if (SectionBinder.sectionsByName(component).isPresent()) {
        section = SectionBinder.sectionsByName(component).get();
        i++; // NAME, the section whose defaults every other one has
      } else {
        return last ? SectionBinder.expectation(component) : null;
      }
    }
    return "";
  }

  private static String text(Class<?> type, String defaults) {
    try (InputStream stream = type.getResourceAsStream("/" + defaults)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the built-in " + defaults + " cannot be read", e);
    }
  }
}
