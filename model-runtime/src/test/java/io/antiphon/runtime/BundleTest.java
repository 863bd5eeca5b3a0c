package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.host.LocalModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
  @TempDir Path directory;

  @Test
  void readsEverySectionOfTheManifest() {
    Manifest manifest = Bundle.load(TestBundle.write(directory, json -> {})).manifest();

    assertThat(manifest.sharedLlm().vocabularySize()).isEqualTo(512);
    assertThat(manifest.textIds().audioBegin()).isEqualTo(508);
    assertThat(manifest.speechIds().codes()).isEqualTo(6561);
    assertThat(manifest.sampling().candidates()).isEqualTo(128);
    assertThat(manifest.prompt().orElseThrow().instructions())
        .containsEntry(GenerationMode.TRANSCRIBE, "Repeat.");
    assertThat(manifest.detokenizer().orElseThrow())
        .isInstanceOfSatisfying(
            Manifest.StreamingDetokenizer.class,
            detokenizer -> assertThat(detokenizer.flushTokens()).isEqualTo(4));
    assertThat(manifest.detokenizer().orElseThrow().states()).isNotEmpty();
  }

  @Test
  void theDigestTellsWhatTheFilesHold(@TempDir Path other, @TempDir Path third) throws IOException {
    String digest = Bundle.load(TestBundle.write(directory, json -> {})).digest();
    assertThat(digest).matches("sha256:[0-9a-f]{64}");

    Path same = TestBundle.write(other, json -> {});
    Files.writeString(same.resolve("README.md"), "not of the bundle");
    assertThat(Bundle.load(same).digest()).isEqualTo(digest);
    Files.write(same.resolve("step.onnx"), new byte[] {0}, StandardOpenOption.APPEND);
    assertThat(Bundle.load(same).digest()).isNotEqualTo(digest);
    assertThat(Bundle.load(TestBundle.write(third, json -> json.put("name", "other"))).digest())
        .isNotEqualTo(digest);
  }

  /** Of large weights only samples are read, which are other ones after any training. */
  @Test
  void theDigestTellsWeights(@TempDir Path other) throws IOException {
    Path nano = Path.of("..", "models", "nano");
    try (Stream<Path> files = Files.list(nano)) {
      for (Path file : files.toList()) {
        Files.copy(file, other.resolve(file.getFileName()));
      }
    }
    try (Bundle shipped = Bundle.load(nano);
        Bundle copy = Bundle.load(other)) {
      assertThat(copy.digest()).isEqualTo(shipped.digest());
    }
    Path weights = other.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    for (int i = bytes.length / 2; i < bytes.length; i++) {
      bytes[i] ^= 1;
    }
    Files.write(weights, bytes);
    try (Bundle shipped = Bundle.load(nano);
        Bundle trained = Bundle.load(other)) {
      assertThat(trained.digest()).isNotEqualTo(shipped.digest());
    }
  }

  @Test
  void reportsAllProblemsAtOnce() throws IOException {
    Path bundle =
        TestBundle.write(
            directory,
            json -> {
              json.put("version", 2);
              json.put("colour", "green");
              ((ObjectNode) json.get("audio")).put("groupSize", 0).remove("tokenRate");
              ((ObjectNode) json.get("sharedLlm")).put("layers", "two");
              ((ObjectNode) json.get("graphs")).put("step", "gone.onnx");
              ((ObjectNode) json.at("/ids/text")).put("audio", 512);
              ((ObjectNode) json.at("/sampling/text")).put("topP", 0);
            });
    Files.delete(bundle.resolve("tokenizer.json"));

    ConfigurationException problem =
        catchThrowableOfType(ConfigurationException.class, () -> Bundle.load(bundle));

    assertThat(problem.problems())
        .anySatisfy(text -> assertThat(text).startsWith("version is 2, expected 1"))
        .anySatisfy(text -> assertThat(text).startsWith("colour is unknown"))
        .anySatisfy(text -> assertThat(text).startsWith("audio.groupSize is 0"))
        .anySatisfy(text -> assertThat(text).startsWith("audio.tokenRate is missing"))
        .anySatisfy(text -> assertThat(text).startsWith("sharedLlm.layers is \"two\""))
        .anySatisfy(text -> assertThat(text).startsWith("graphs.step is gone.onnx"))
        .anySatisfy(text -> assertThat(text).startsWith("ids.text.audio is 512, expected"))
        .anySatisfy(text -> assertThat(text).startsWith("sampling.text.topP is 0.0"))
        .anySatisfy(text -> assertThat(text).contains("tokenizer.json"))
        .hasSize(9);
  }

  @Test
  void aFileOutsideTheBundleIsRefused() {
    Path bundle =
        TestBundle.write(
            directory, json -> ((ObjectNode) json.get("graphs")).put("step", "../step.onnx"));

    assertThatThrownBy(() -> Bundle.load(bundle)).hasMessageContaining("within the bundle");
  }

  @Test
  void aFolderWithoutManifestIsRefused() {
    assertThatThrownBy(() -> Bundle.load(directory))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("antiphon.json is missing");
  }

  @Test
  void brokenJsonIsRefused() throws IOException {
    Files.writeString(directory.resolve("antiphon.json"), "{\"format\": ");

    assertThatThrownBy(() -> Bundle.load(directory)).hasMessageContaining("is not JSON");
  }

  @Test
  void aBundleWithoutTokenizerSaysSo() {
    assertThatThrownBy(() -> Bundle.load(Goldens.A).prompts())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no tokenizer");
  }

  @Test
  void aWeightFileCutShortIsNamedWithBothSizes() throws IOException {
    Path bundle = TestBundle.write(directory, json -> {});
    Path file = bundle.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));

    assertThatThrownBy(() -> load(bundle))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(
            "model.safetensors: %d bytes; its header implies %d, so it was cut short",
            whole.length - 1, whole.length);
    Files.write(file, Arrays.copyOf(whole, 30));
    assertThatThrownBy(() -> load(bundle))
        .hasMessageContaining("30 bytes without a safetensors header");
  }

  @Test
  void aPointerInPlaceOfAWeightFileIsNamed() throws IOException {
    Path bundle = TestBundle.write(directory, json -> {});
    Files.writeString(
        bundle.resolve("model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid x\n");

    assertThatThrownBy(() -> load(bundle))
        .hasMessageContaining("model.safetensors: a Git LFS pointer, not the file itself");
  }

  /** The fingerprint is the export's: the packed bundle that it wrote is taken as it stands. */
  @Test
  void packedWeightsOfAnotherCheckpointAreNamed() throws IOException {
    Path bundle = directory.resolve("packed");
    Files.createDirectory(bundle);
    try (Stream<Path> files = Files.list(Goldens.of("int4"))) {
      for (Path file : files.toList()) {
        Files.copy(file, bundle.resolve(file.getFileName().toString()));
      }
    }
    load(bundle);

    Path source = bundle.resolve("model-00001-of-00001.safetensors");
    byte[] other = Files.readAllBytes(source);
    for (int i = other.length / 2; i < other.length; i++) {
      other[i] ^= 1;
    }
    Files.write(source, other);
    assertThatThrownBy(() -> load(bundle))
        .hasMessageContaining("packed from another checkpoint than the one beside it");
  }

  /** Opens and closes a host. */
  private static void load(Path bundle) {
    new LocalModelHost(TestConversations.settings(bundle, 1)).close();
  }
}
