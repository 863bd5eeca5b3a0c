package io.antiphon.runtime.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.Goldens;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.HostCosts;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.ManifestReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlannerTest {
  private static final long MEBIBYTE = 1 << 20;

  @TempDir Path folder;

  /** The released 8B model's configuration, as far as the arithmetic reads it. */
  private static final String RELEASED =
      """
      {"text_config": {"hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36,
        "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936},
       "audio_config": {"d_model": 1280, "encoder_layers": 32, "encoder_ffn_dim": 5120,
        "codebook_size": 6565, "group_size": 5,
        "crq_transformer_config": {"hidden_size": 1024, "intermediate_size": 3072,
         "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8,
         "head_dim": 128}}}
      """;

  @Test
  void theReleasedModelHasTheSizesOfItsCard() throws Exception {
    Files.writeString(folder.resolve("config.json"), RELEASED);
    Architecture model = Architecture.read(folder);

    // 15.1 GB for a position of the shared LLM, 4.9 GB of five passes with their entry.
    assertThat(2 * model.llmActive() / 1e9).isCloseTo(15.1, within(0.1));
    assertThat(2.0 * 5 * model.headWeights() / 1e9).isCloseTo(4.5, within(0.5));
    assertThat(2 * model.llmCacheValues()).isEqualTo(147_456);
    assertThat(2 * 5 * model.headCacheValues()).isEqualTo(573_440);
  }

  @Test
  void deviceMemoryLimitsTheReleasedModelAsWorkedOutByHand() throws Exception {
    Files.writeString(folder.resolve("config.json"), RELEASED);
    Architecture model = Architecture.read(folder);

    // (0.92 x 80 - 3 - weights) / 0.738 GB a row of 1024 positions.
    double row = 1024 * (147_456 + 573_440);
    int byHand = (int) ((0.92 * 80e9 - 3e9 - 2.0 * model.weights()) / row);
    assertThat(Accelerator.named("H100").fitting(model, 1024)).isEqualTo(byHand).isBetween(65, 75);
    assertThat(Accelerator.named("h200").fitting(model, 1024)).isBetween(140, 155);
    assertThatThrownBy(() -> Accelerator.named("tpu"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("accelerator is 'tpu', expected h100, h200 or l20");
  }

  @Test
  void eachLimitIsNamed() {
    Machine two = new Machine(2, 24_000, 1);
    Plan cheap = plan(kernels(1, 5, 10, 2), two, MEBIBYTE);
    assertThat(cheap.limit()).isEqualTo(Plan.Limit.CORES);
    assertThat(cheap.coreShare()).isBetween(0.6, 0.7);
    assertThat(cheap.pricePerConversationHour()).isEqualTo(1.0 / cheap.conversations());

    Machine large = new Machine(64, 24_000, 0);
    assertThat(oneHost(kernels(100, 105, 10, 2), two, MEBIBYTE).limit())
        .isEqualTo(Plan.Limit.RESPONSE_THREAD);
    assertThat(oneHost(kernels(1, 5, 2000, 2), large, MEBIBYTE).limit())
        .isEqualTo(Plan.Limit.ENCODER);
    assertThat(oneHost(kernels(1, 5, 10, 100), large, MEBIBYTE).limit())
        .isEqualTo(Plan.Limit.DETOKENIZER);
    Plan full = oneHost(kernels(1, 5, 10, 2), two, 4096 * MEBIBYTE);
    assertThat(full.limit()).isEqualTo(Plan.Limit.MEMORY);
    assertThat(full.memoryMebibytes()).isLessThanOrEqualTo(24_000);
  }

  @Test
  void aStepThatIsTooSlowForOneThreadGetsMore() {
    MeasuredKernels slow = kernels(500, 800, 50, 5);
    assertThat(plan(slow, new Machine(2, 64_000, 0), MEBIBYTE).conversations()).isZero();
    Plan many = plan(slow, new Machine(16, 64_000, 0), MEBIBYTE);
    assertThat(many.stepMillis()).isLessThan(0.7 * 200);
    assertThat(many.conversations()).isPositive();
    assertThat(many.intraOpThreads()).isGreaterThan(4);
  }

  @Test
  void measuredKernelsAreReadAsTheyWereWritten() throws Exception {
    Path file = folder.resolve("kernels.json");
    MeasuredKernels kernels = kernels(3, 7, 10, 2);
    new ObjectMapper().writeValue(file.toFile(), Map.of(MeasuredKernels.PART, kernels.toJson()));
    MeasuredKernels read = MeasuredKernels.read(file);
    assertThat(read.toJson()).isEqualTo(kernels.toJson());

    Files.writeString(file, "{\"kernels\": {\"bundle\": \"a\", \"stepMillis\": {\"x\": 1}}}");
    assertThatThrownBy(() -> MeasuredKernels.read(file))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("stepMillis has x=1")
        .hasMessageContaining("prefillMillis is ");
    Files.writeString(file, "{}");
    assertThatThrownBy(() -> MeasuredKernels.read(file))
        .hasMessageContaining("has no object kernels, expected a file that bench kernels --json");
  }

  private static Plan plan(MeasuredKernels kernels, Machine machine, long rowBytes) {
    Manifest manifest = ManifestReader.read(Goldens.A);
    return new Planner(manifest, rowBytes, 1024, 0.7).onProcessor(kernels, machine);
  }

  /** With one thread inside a call. */
  private static Plan oneHost(MeasuredKernels kernels, Machine machine, long rowBytes) {
    Manifest manifest = ManifestReader.read(Goldens.A);
    return new Planner(manifest, rowBytes, 1024, 0.7).onProcessor(kernels, machine, 1, 1);
  }

  private static MeasuredKernels kernels(
      double stepAlone, double stepOfEight, double encoder, double detokenizer) {
    HostCosts costs =
        new HostCosts(
            new CostCurve(Map.of(1, encoder)),
            2 * stepAlone,
            new CostCurve(Map.of(1, stepAlone, 8, stepOfEight)),
            new CostCurve(Map.of(1, detokenizer)));
    return new MeasuredKernels("a", 1, 512, 1000, costs);
  }
}
