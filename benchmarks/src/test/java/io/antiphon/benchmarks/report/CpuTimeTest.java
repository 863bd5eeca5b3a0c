package io.antiphon.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CpuTimeTest {
  @Test
  void whatNoThreadUsedIsTheJvms() {
    Map<String, Double> difference =
        CpuTime.difference(Map.of("callers", 1.0), Map.of("callers", 1.5, "new", 0.25), 1.0);
    assertThat(difference)
        .containsEntry("callers", 0.5)
        .containsEntry("new", 0.25)
        .containsEntry("JVM (compiler, collector)", 0.25);
  }

  @Test
  void knowsThreadsByTheirNames() {
    assertThat(CpuTime.work("antiphon-detokenizer-2")).isEqualTo(CpuTime.DETOKENIZER);
    assertThat(CpuTime.work("antiphon-callers")).isEqualTo("callers");
    assertThat(CpuTime.work("Source: audio-chunks (1/1)#0")).isEqualTo("Flink: tasks");
  }
}
