package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.manifest.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * CosyVoice 3 at small widths with random weights, and what the export's own host makes of some ids
 * with it ({@code python -m antiphon.export.cosyvoice.reference_case}).
 */
class CosyVoiceTest {
  private static final Path CASE = resource("/cosyvoice3");
  private static ModelHost host;
  private static int[] ids;
  private static long seed;

  @BeforeAll
  static void load(@TempDir Path directory) throws IOException {
    host = open(bundle(directory, section -> {}));
    ids = reference().ints("ids");
    seed = reference().ints("seed")[0];
  }

  @AfterAll
  static void close() {
    host.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Ann", "Bert"})
  void speaksAsTheExportsHost(String name) throws IOException {
    float[] expected = reference().floats("samples." + name);

    float[] spoken = speak(new Voice(name, seed), ids, ids.length);

    assertThat(spoken).hasSameSizeAs(expected);
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < spoken.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      worst = Math.max(worst, Math.abs(spoken[i] - expected[i]));
    }
    assertThat(largest).isGreaterThan(0.01);
    // Another processor's kernels round otherwise, and the phases of the pitch carry that on.
    assertThat(worst).isCloseTo(0, within(3e-3 * largest));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 7, 31})
  void idsInAnyPiecesSoundTheSame(int piece) {
    Voice voice = new Voice("Bert", 4);

    assertThat(speak(voice, ids, piece)).isEqualTo(speak(voice, ids, ids.length));
  }

  @Test
  void everyLengthIsSpokenToItsEnd() {
    for (int length = 0; length <= 12; length++) {
      int[] some = Arrays.copyOf(ids, length);
      assertThat(speak(Voice.DEFAULT, some, 5)).as(length + " ids").hasSize(length * 960);
    }
  }

  @Test
  void streamsInOneBatchGiveTheSamplesOfEachAlone() {
    List<float[]> alone = new ArrayList<>();
    List<CompletableFuture<float[]>> together = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      alone.add(speak(voice(i), random(i), 40));
    }
    for (int i = 0; i < 9; i++) {
      together.add(host.openDetokenizer(voice(i)).decode(random(i), true));
    }

    for (int i = 0; i < 9; i++) {
      assertThat(together.get(i).join()).isEqualTo(alone.get(i));
    }
  }

  @Test
  void aStreamThatWasRestoredAfterAnyPieceIsUndisturbed() {
    int[] many = new Random(7).ints(230, 0, host.bundle().manifest().speechIds().codes()).toArray();
    Voice voice = new Voice("Bert", 5);
    float[] undisturbed = speak(voice, many, many.length);
    byte[] carry = null;
    List<float[]> parts = new ArrayList<>();
    int largest = 0;
    for (int begin = 0; begin < many.length; begin += 10) {
      // The seed comes with the carry.
      try (DetokenizerSession session = host.openDetokenizer(new Voice("Bert", 99))) {
        if (carry == null) {
          carry = host.openDetokenizer(voice).carry();
        }
        session.restore(carry);
        int end = begin + 10;
        parts.add(session.decode(Arrays.copyOfRange(many, begin, end), end == many.length).join());
        carry = session.carry();
        largest = Math.max(largest, carry.length);
      }
    }

    assertThat(joined(parts)).isEqualTo(undisturbed);
    assertThat(largest).as("ids and frames, no states").isLessThan(8192);
  }

  @Test
  void anotherSeedIsAnotherNoise() {
    assertThat(speak(new Voice("Ann", 1), ids, 5)).isNotEqualTo(speak(new Voice("Ann", 2), ids, 5));
    assertThat(speak(new Voice("Ann", 1), ids, 5)).isEqualTo(speak(new Voice("Ann", 1), ids, 5));
  }

  @Test
  void voicesAreKnownByName() {
    assertThat(host.voices()).containsExactly("Ann", "Bert");
    assertThat(speak(new Voice("", 3), ids, 5)).isEqualTo(speak(new Voice("Ann", 3), ids, 5));
    assertThatThrownBy(() -> host.openDetokenizer(new Voice("Carl", 0)))
        .hasMessage("voice is 'Carl', expected one of [Ann, Bert]");
  }

  @Test
  void foreignCarriesAreRefusedAndTheStreamStaysUsable() {
    try (DetokenizerSession session = host.openDetokenizer(voice(1))) {
      byte[] carry = session.carry();
      for (byte[] wrong :
          List.of(new byte[0], new byte[9], Arrays.copyOf(carry, carry.length - 1))) {
        assertThatThrownBy(() -> session.restore(wrong))
            .hasMessageContaining("a detokenizer carry of " + wrong.length + " bytes");
      }

      assertThat(session.decode(random(1), true).join()).isEqualTo(speak(voice(1), random(1), 40));
    }
  }

  @Test
  void aSectionThatDoesNotFitIsRefusedByName(@TempDir Path directory) {
    bundle(
        directory,
        section -> {
          section.put("codes", 3);
          section.put("hopTokens", 0);
          section.put("kind", "cosyvoice2");
        });

    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("detokenizer.kind")
        .hasMessageContaining("detokenizer.hopTokens")
        .hasMessageContaining("detokenizer.codes is 3, expected at least ids.speech.codes");
  }

  @Test
  void aVoiceOfAnotherModelIsRefusedByName(@TempDir Path directory) {
    bundle(directory, section -> section.put("speakerSize", 192));

    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("voice Ann: embedding has 6 values, expected 192")
        .hasMessageContaining("voice Bert: embedding has 6 values, expected 192");
  }

  @Test
  void theDigestTellsEveryFileThatSpeaks(@TempDir Path directory) throws IOException {
    bundle(directory, section -> {});
    Set<String> digests = new HashSet<>(Set.of(Bundle.load(directory).digest()));

    for (String file : List.of("flow.onnx", "vocoder.onnx", "voices.safetensors")) {
      Files.write(directory.resolve(file), new byte[] {0}, StandardOpenOption.APPEND);
      assertThat(digests.add(Bundle.load(directory).digest())).as(file).isTrue();
    }
  }

  private static Voice voice(int number) {
    return new Voice(number % 2 == 0 ? "Ann" : "Bert", number);
  }

  private static int[] random(int number) {
    return new Random(number).ints(40, 0, host.bundle().manifest().speechIds().codes()).toArray();
  }

  private static float[] speak(Voice voice, int[] ids, int piece) {
    List<float[]> parts = new ArrayList<>();
    try (DetokenizerSession session = host.openDetokenizer(voice)) {
      for (int begin = 0; begin < ids.length; begin += piece) {
        int end = Math.min(ids.length, begin + piece);
        parts.add(session.decode(Arrays.copyOfRange(ids, begin, end), false).join());
      }
      parts.add(session.decode(new int[0], true).join());
    }
    return joined(parts);
  }

  private static float[] joined(List<float[]> parts) {
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static ModelHost open(Path bundle) {
    return ModelHosts.acquire(TestConversations.settings(bundle, 1));
  }

  private static Path bundle(Path directory, Consumer<ObjectNode> change) {
    return TestBundle.write(
        directory,
        manifest -> {
          try (Stream<Path> files = Files.list(CASE)) {
            for (Path file : files.toList()) {
              Files.copy(file, directory.resolve(file.getFileName().toString()));
            }
            ObjectNode section =
                (ObjectNode) new ObjectMapper().readTree(CASE.resolve("cosyvoice3.json").toFile());
            section.remove("sizes");
            change.accept(section);
            manifest.set("detokenizer", section);
            ((ObjectNode) manifest.get("graphs")).remove("detokenizer");
            ((ArrayNode) manifest.get("weights")).add("cosyvoice3.safetensors");
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static Safetensors reference() throws IOException {
    return Safetensors.open(CASE.resolve("case.safetensors"));
  }

  private static Path resource(String name) {
    try {
      return Path.of(CosyVoiceTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
