package io.antiphon.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.host.LocalModelHost;
import io.antiphon.runtime.llm.DecodingEngine;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host that was opened for text alone writes what a whole one writes, and holds less. */
class HostPartsTest {
  private static final int ROWS = 2;

  /** Twice as many conversations as rows: rows are exchanged and made again. */
  private static final int CONVERSATIONS = 4;

  private static final int POSITIONS = 160;

  @ParameterizedTest
  @ValueSource(strings = {"a", "c", "a by weights", "int4"})
  void textIsTheSameWithoutWhatSpeaks(String bundle) {
    ModelHostSettings settings = TestConversations.settings(Goldens.of(bundle), ROWS);
    List<List<List<Integer>>> whole;
    long slabBytes;
    Manifest manifest;
    try (LocalModelHost host = new LocalModelHost(settings)) {
      whole = write(host);
      slabBytes = host.slabBytes();
      manifest = host.bundle().manifest();
    }

    try (LocalModelHost host =
        new LocalModelHost(settings.withParts(ModelHostSettings.Parts.TEXT))) {
      assertThat(write(host)).isEqualTo(whole);
      assertThat(host.slabBytes())
          .isEqualTo(ROWS * DecodingEngine.rowBytes(manifest, POSITIONS, false))
          .isLessThan(slabBytes);
    }
  }

  @Test
  void nothingThatSpeaksIsOpened(@TempDir Path directory) throws Exception {
    Path bundle = TestBundle.write(directory, manifest -> {});
    for (String speaks :
        List.of("prefill.onnx", "step.onnx", "step_greedy.onnx", "detokenizer.onnx")) {
      Files.writeString(bundle.resolve(speaks), "no graph");
    }
    ModelHostSettings settings =
        new ModelHostSettings(
            bundle,
            Device.CPU,
            ROWS,
            POSITIONS,
            1,
            false,
            Duration.ZERO,
            1,
            Duration.ofHours(1),
            ThreadPlan.automatic(),
            ModelHostSettings.Preload.ALL,
            new AdmissionSettings(
                AdmissionSettings.MEASURED,
                0.5,
                Duration.ofMillis(50),
                Duration.ofMinutes(1),
                Duration.ofSeconds(1)),
            ModelHostSettings.Parts.TEXT);

    try (LocalModelHost host = new LocalModelHost(settings)) {
      assertThat(write(host)).hasSize(CONVERSATIONS);
      assertThat(host.measuredCosts().orElseThrow().detokenizer()).isNull();
      assertThat(host.voices()).isEmpty();
      assertThatThrownBy(() -> host.openResponse("speaks", true))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(DecodingEngine.NO_SPEECH);
      assertThatThrownBy(host::openDetokenizer)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(DecodingEngine.NO_SPEECH);
    }
  }

  /** The ids of several conversations at once, of which each has two turns. */
  private static List<List<List<Integer>>> write(ModelHost host) {
    Manifest manifest = host.bundle().manifest();
    List<GenerationSession> sessions = new ArrayList<>();
    List<List<List<Integer>>> all = new ArrayList<>();
    for (int turn = 0; turn < 2; turn++) {
      List<CollectedGeneration> answers = new ArrayList<>();
      for (int i = 0; i < CONVERSATIONS; i++) {
        if (turn == 0) {
          sessions.add(host.openResponse("conversation " + i, false));
          all.add(new ArrayList<>());
        }
        GenerationSession session = sessions.get(i);
        Random random = new Random(100L * turn + i);
        TestConversations.prompt(manifest, random, 2).forEach(session::append);
        Sampling sampling = i % 2 == 0 ? Sampling.GREEDY : new Sampling(0.9, 0.9, 1.1);
        CollectedGeneration answer = new CollectedGeneration();
        session.generate(TestConversations.request(i, turn, false, sampling), answer);
        answers.add(answer);
      }
      for (int i = 0; i < CONVERSATIONS; i++) {
        answers.get(i).await();
        all.get(i).addAll(TestConversations.ids(answers.get(i).steps()));
      }
    }
    sessions.forEach(GenerationSession::close);
    return all;
  }
}
