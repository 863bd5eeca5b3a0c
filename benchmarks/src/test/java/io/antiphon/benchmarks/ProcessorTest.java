package io.antiphon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessorTest {
  @Test
  void whatNoThreadUsedIsTheJvms() {
    Map<String, Double> difference =
        Processor.difference(Map.of("callers", 1.0), Map.of("callers", 1.5, "new", 0.25), 1.0);
    assertThat(difference)
        .containsEntry("callers", 0.5)
        .containsEntry("new", 0.25)
        .containsEntry("JVM (compiler, collector)", 0.25);
  }

  @Test
  void knowsThreadsByTheirNames() {
    assertThat(Processor.work("antiphon-detokenizer-2")).isEqualTo(Processor.DETOKENIZER);
    assertThat(Processor.work("antiphon-callers")).isEqualTo("callers");
    assertThat(Processor.work("Source: audio-chunks (1/1)#0")).isEqualTo("Flink: tasks");
  }
}
