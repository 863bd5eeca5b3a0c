package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.serde.recording.WaveWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recordings of calls with the shipped model, against what is true of them. */
class AnalyzeCommandITCase {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path ROOT = Path.of("..");

  /** Sound beside an utterance that is heard with it, in which its words may lie. */
  private static final long AROUND_MILLIS = 300;

  @TempDir private Path folder;

  private Execution analyze(Path out, String... arguments) {
    return Execution.of(
        Stream.concat(
                Stream.of(
                    "analyze",
                    "--model",
                    ROOT.resolve("models/nano").toString(),
                    "--out",
                    out.toString()),
                Stream.of(arguments))
            .toArray(String[]::new));
  }

  @Test
  void figuresAreThoseOfTheCallAndTheSameHoweverManyRunAtOnce() throws IOException {
    Path one = folder.resolve("one.wav");
    Path two = folder.resolve("two.wav");
    GeneratedCall first = new GeneratedCall(ROOT.resolve("samples"), 1, 60, 0, 0);
    GeneratedCall second = new GeneratedCall(ROOT.resolve("samples"), 2, 60, -45, 0);
    first.write(one);
    second.write(two);
    Path alone = folder.resolve("alone");
    Path together = folder.resolve("together");
    Execution run = analyze(alone, "--parallelism", "1", one.toString(), two.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("2 of 2 calls").contains("hours per hour");
    assertThat(analyze(together, "--parallelism", "2", one.toString(), two.toString()).code())
        .isZero();
    for (String file : List.of("one.json", "two.json", "index.html", "one.wav", "two.wav")) {
      assertThat(together.resolve(file)).hasSameBinaryContentAs(alone.resolve(file));
    }
    assertThat(Files.readString(alone.resolve("index.html")))
        .contains("<h2 id=\"call-1\">two</h2>")
        .doesNotContain("<script")
        .doesNotContain("http");
    near(first, alone.resolve("one.json"));
    near(second, alone.resolve("two.json"));
  }

  /**
   * Silence where hold music and noise are: no word. A file that is none: named, the rest goes on.
   */
  @Test
  void whatIsNoSpeechHasNoWordsAndWhatCannotBeReadIsNamed() throws IOException {
    Path noise = folder.resolve("noise.wav");
    Random random = new Random(3);
    float[] samples = new float[20 * 8000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.02 * random.nextGaussian());
    }
    WaveWriter.write(noise, 8000, samples);
    Path text = Files.writeString(folder.resolve("text.wav"), "not a recording");
    Path out = folder.resolve("out");
    Execution run = analyze(out, text.toString(), noise.toString());
    assertThat(run.code()).isEqualTo(CommandRunner.FAILED);
    assertThat(run.err())
        .contains(text + " is no recording")
        .contains(noise + ": one channel: overtalk, interruptions")
        .contains("1 calls analysed, 1 failed");
    JsonNode call = JSON.readTree(out.resolve("noise.json").toFile());
    assertThat(call.path("transcript")).isEmpty();
    assertThat(out.resolve("text.json")).doesNotExist();
  }

  @Test
  void wrongOptionsAreRefusedBeforeAnything() throws IOException {
    Path rules = Files.writeString(folder.resolve("rules.json"), "{\"version\":\"1\",\"x\":2}");
    assertThat(analyze(folder.resolve("o"), "--rules", rules.toString(), "a.wav").err())
        .contains("--rules: " + rules + " cannot be used");
    assertThat(analyze(folder.resolve("o"), "--channels", "agent=left", "a.wav").err())
        .contains("expected one role for left and one for right");
    assertThat(analyze(folder.resolve("o"), "x/a.wav", "y/a.wav").err())
        .contains("would both be written to a.json");
    assertThat(folder.resolve("o")).doesNotExist();
  }

  private static void near(GeneratedCall truth, Path json) throws IOException {
    JsonNode figures = JSON.readTree(json.toFile()).path("figures");
    long nonTalk = 0;
    for (JsonNode each : figures.path("nonTalk")) {
      nonTalk += each.path("endMillis").asLong() - each.path("beginMillis").asLong();
    }
    System.out.printf(
        "%s: talk %d of %d ms, non-talk %d of %d ms, interruptions %d of %d, words %d%n",
        json.getFileName(),
        figures.path("talkMillis").asLong(),
        truth.talkMillis(),
        nonTalk,
        truth.nonTalkMillis(),
        figures.path("interruptions").size(),
        truth.interruptions(),
        figures.path("channels").path(1).path("words").asInt());
    assertThat((double) figures.path("talkMillis").asLong())
        .isBetween(0.9 * truth.talkMillis(), 1.1 * truth.talkMillis());
    assertThat((double) nonTalk)
        .isBetween(0.9 * truth.nonTalkMillis(), 1.1 * truth.nonTalkMillis());
    // None is invented; a louder voice may hide where the other one begins.
    assertThat(figures.path("interruptions").size())
        .isBetween(truth.interruptions() / 2, truth.interruptions());
    assertThat(figures.path("channels").path(1).path("words").asInt()).isPositive();
    for (JsonNode utterance : JSON.readTree(json.toFile()).path("transcript")) {
      long least = utterance.path("interval").path("beginMillis").asLong() - AROUND_MILLIS;
      for (JsonNode word : utterance.path("words")) {
        assertThat(word.path("beginMillis").asLong()).isGreaterThanOrEqualTo(least);
        least = word.path("beginMillis").asLong();
        assertThat(word.path("endMillis").asLong())
            .isBetween(
                least, utterance.path("interval").path("endMillis").asLong() + AROUND_MILLIS);
      }
    }
  }
}
