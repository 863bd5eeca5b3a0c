package io.antiphon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.cli.CommandRunner;
import io.antiphon.runtime.planning.MeasuredKernels;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every harness that needs nothing from outside runs, as small as it goes. */
class BenchCommandITCase {
  private static String home;

  @TempDir Path folder;

  @BeforeAll
  static void atHome() {
    home = System.getProperty("antiphon.home");
    System.setProperty("antiphon.home", "..");
  }

  @AfterAll
  static void asBefore() {
    if (home == null) {
      System.clearProperty("antiphon.home");
    } else {
      System.setProperty("antiphon.home", home);
    }
  }

  @Test
  void floor() throws Exception {
    JsonNode json = bench("floor", "--rows", "1,2", "--rounds", "1", "--steps", "6");
    assertThat(json.path("ratios").path(0).path("value").asDouble()).isPositive();
    assertThat(json.path("figures").path("Milliseconds of a step (median)")).hasSize(2);
    assertThat(json.path("settings").path("promptPositions").asInt()).isGreaterThan(10);
  }

  /** What it writes is what plans are made from. */
  @Test
  void kernels() throws Exception {
    JsonNode json =
        bench("kernels", "--rows", "2", "--answers", "2", "--seconds", "1", "--steps", "4");
    assertThat(json.path("ratios").findValuesAsText("value")).containsExactly("1.0", "1.0");
    assertThat(MeasuredKernels.read(folder.resolve("report.json")).costs().step().points())
        .containsOnlyKeys(1, 2);
  }

  @Test
  void rates() throws Exception {
    JsonNode json =
        bench("rates", "--conversations", "1", "--rounds", "1", "--question", "1", "--answer", "1");
    assertThat(json.path("figures").path("Milliseconds for a second of one answer")).hasSize(3);
  }

  @Test
  void detokenizer() throws Exception {
    JsonNode json = bench("detokenizer", "--conversations", "1", "--rounds", "1", "--seconds", "1");
    assertThat(json.path("ratios")).hasSize(3);
  }

  @Test
  void detector() throws Exception {
    JsonNode json = bench("detector", "--seconds", "4", "--rounds", "1");
    JsonNode found = json.path("figures").path("Taken for speech, of 4 s each");
    assertThat(found.path(0).path("sound").asText()).isEqualTo("digital silence");
    assertThat(found.path(0).path("stretches").asInt()).isZero();
    assertThat(found).hasSizeGreaterThan(15);
  }

  @Test
  void hops() throws Exception {
    JsonNode json = bench("hops", "--questions", "1", "--warming", "0");
    for (JsonNode way : json.path("figures").path("First audio in milliseconds")) {
      assertThat(way.path("p50").asDouble()).isPositive();
    }
  }

  @Test
  void load() throws Exception {
    JsonNode json =
        bench(
            "load",
            "--conversations",
            "2",
            "--seconds",
            "12",
            "--settle",
            "0",
            "--warm",
            "0",
            "--longest",
            "2",
            "--overload-seconds",
            "0");
    JsonNode level = json.path("figures").path("Conversations").path(0);
    assertThat(level.path("answers").asInt()).isPositive();
    assertThat(level.path("cores used").asDouble()).isPositive();
  }

  /** Alone and beside analytics, which writes down what callers and agent say. */
  @Test
  void analytics() throws Exception {
    JsonNode json =
        bench(
            "analytics",
            "--conversations",
            "2",
            "--repetitions",
            "1",
            "--seconds",
            "12",
            "--settle",
            "0",
            "--warm",
            "5");
    JsonNode phases = json.path("figures").path("Conversations, in the order of their measurement");
    assertThat(phases.findValuesAsText("with the agent"))
        .containsExactly("alone", "beside analytics");
    assertThat(phases.path(0).path("texts of analytics").asInt()).isZero();
    assertThat(phases.path(1).path("texts of analytics").asInt()).isPositive();
    assertThat(json.path("ratios").path(0).path("value").asDouble()).isPositive();
    assertThat(json.path("ratios").path(1).path("name").asText()).contains("ids");
    assertThat(json.path("ratios").path(1).path("value").asDouble()).isEqualTo(1);
  }

  @Test
  void refusesWhatItCannotMeasure() {
    StringWriter err = new StringWriter();
    String folder = "does-not-exist";
    List<String> command = List.of("reference", "--reference", folder, "--python", folder);
    assertThat(run(err, command.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString()).contains("--reference is does-not-exist; expected a checkout");
    assertThat(run(err, "floor", "--model", "nowhere")).isEqualTo(2);
    assertThat(err.toString()).contains("model nowhere does not exist");
    assertThat(run(err, "analytics", "--seconds", "1")).isEqualTo(2);
    assertThat(err.toString()).contains("--seconds 1.0; expected at least 1, 1 and 5");
    assertThat(run(err, "flor")).isEqualTo(2);
  }

  private JsonNode bench(String... command) throws Exception {
    Path file = folder.resolve("report.json");
    String[] all = java.util.Arrays.copyOf(command, command.length + 3);
    all[command.length] = "--json";
    all[command.length + 1] = file.toString();
    all[command.length + 2] = "--changed"; // a build tests what is not committed yet
    StringWriter err = new StringWriter();
    assertThat(run(err, all)).as("what it says: %s", err).isZero();
    return new ObjectMapper().readTree(file.toFile());
  }

  private static int run(StringWriter err, String... arguments) {
    return CommandRunner.run(
        new BenchCommand(), new PrintWriter(new StringWriter()), new PrintWriter(err), arguments);
  }
}
