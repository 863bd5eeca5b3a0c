package io.antiphon.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private final Report report =
      new Report("sample")
          .setting("rounds", 3)
          .ratio("ours / theirs", 31.5, Target.atLeast(30))
          .ratio("step / floor", 1.42, Target.atMost(1.3))
          .ratio("without a target", 2)
          .row("Steps", Report.row("rows", 1, "ms", 4.125))
          .row("Steps", Report.row("rows", 32, "ms", 43.6));

  @Test
  void printsRatiosFirst() {
    StringWriter out = new StringWriter();
    report.print(new PrintWriter(out));
    assertThat(out.toString().lines())
        .containsExactly(
            "      31.5  ours / theirs   (expected at least 30)",
            "      1.42  step / floor   (expected at most 1.30; MISSED)",
            "         2  without a target",
            "",
            "Steps",
            "  rows    ms",
            "  1     4.13",
            "  32    43.6");
  }

  @Test
  void writesMachineRevisionSettingsAndFigures() {
    JsonNode json = report.json(new MachineInfo(Map.of("cores", 2)), "abc+");
    assertThat(json.path("benchmark").asText()).isEqualTo("sample");
    assertThat(json.path("revision").asText()).isEqualTo("abc+");
    assertThat(json.path("machine").path("cores").asInt()).isEqualTo(2);
    assertThat(json.path("settings").path("rounds").asInt()).isEqualTo(3);
    JsonNode missed = json.path("ratios").path(1);
    assertThat(missed.path("value").asDouble()).isEqualTo(1.42);
    assertThat(missed.path("expected").asText()).isEqualTo("at most 1.30");
    assertThat(missed.path("met").asBoolean(true)).isFalse();
    assertThat(json.path("ratios").path(2).has("expected")).isFalse();
    assertThat(json.path("figures").path("Steps").path(1).path("ms").asDouble()).isEqualTo(43.6);
  }

  @Test
  void knowsThisMachine() {
    assertThat(MachineInfo.here().figures())
        .containsKeys("processor", "cores", "memoryGib", "system", "java", "onnxRuntime");
  }
}
