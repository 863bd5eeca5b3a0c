package io.antiphon.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.manifest.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TurnEndingsTest {
  @TempDir private Path directory;

  private TurnEndings endings(String json) throws IOException {
    return TurnEndings.read(Files.writeString(directory.resolve("endings.json"), json));
  }

  @Test
  void theLongestRunThatIsKnownCounts() throws IOException {
    TurnEndings endings =
        endings(
            "{\"\": 0.5, \"cuba\": 0.7, \"of cuba\": 0.9, \"capital of cuba\": 0.95,"
                + " \"<s> cuba\": 0.1}");
    assertThat(endings.probability("what is the capital of cuba")).isEqualTo(0.95);
    assertThat(endings.probability("The president of CUBA?")).isEqualTo(0.9);
    assertThat(endings.probability("fly to cuba.")).isEqualTo(0.7);
    assertThat(endings.probability(" Cuba ")).isEqualTo(0.1);
    assertThat(endings.probability("fly to Spain")).isEqualTo(0.5);
  }

  @Test
  void whoSaidNothingIsNotDone() throws IOException {
    assertThat(endings("{\"\": 0.5}").probability(" … ")).isZero();
  }

  @Test
  void whatIsNoProbabilityIsRefusedByName() {
    assertThatThrownBy(() -> endings("{\"\": 0.5, \"of\": 2}"))
        .hasMessageContaining("'of' is 2, expected 0 to 1");
    assertThatThrownBy(() -> endings("{\"of\": 0.1}"))
        .hasMessageContaining("no probability for the empty run");
  }

  @Test
  void theShippedModelKnowsItsCallers() throws IOException {
    Path nano = Path.of("..", "models", "nano");
    String file = ManifestReader.read(nano).prompt().orElseThrow().turnEndings().orElseThrow();
    TurnEndings endings = TurnEndings.read(nano.resolve(file));
    assertThat(endings.probability("what is the capital of")).isLessThan(0.05);
    assertThat(endings.probability("what is the capital of cuba")).isGreaterThan(0.5);
  }
}
