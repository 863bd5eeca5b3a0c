package io.antiphon.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A simple class name has one meaning in all modules. */
class SimpleNamesTest {
  /**
   * Names that two modules share because they mean the same thing: a record on the topics, and its
   * form inside a module. None may be added; one that is renamed leaves this list, which the test
   * asks for.
   */
  private static final Set<String> SHARED =
      Set.of(
          "CallFigures",
          "CallSummary",
          "HistoryItem",
          "Participant",
          "Sampling",
          "TurnDetection",
          "Word");

  @Test
  void aSimpleNameStandsInOneModule() throws IOException {
    Map<String, Set<String>> modules = new TreeMap<>();
    for (Path classes : ModuleDirectionTest.AllModules.directories()) {
      String module = classes.getName(1).toString();
      try (Stream<Path> files = Files.walk(classes)) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(".class") && !name.contains("$"))
            .map(name -> name.substring(0, name.length() - ".class".length()))
            .filter(name -> !name.endsWith("-info"))
            .forEach(name -> modules.computeIfAbsent(name, key -> new TreeSet<>()).add(module));
      }
    }
    Map<String, Set<String>> several = new TreeMap<>(modules);
    several.values().removeIf(where -> where.size() < 2);
    assertThat(modules).hasSizeGreaterThan(400);
    assertThat(several).containsOnlyKeys(SHARED);
  }
}
