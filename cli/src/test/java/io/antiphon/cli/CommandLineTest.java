package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.serde.recording.WaveWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a command is said before anything is started. */
class CommandLineTest {
  @TempDir private Path folder;

  @Test
  void commandsAreListed() {
    Execution help = Execution.of("--help");
    assertThat(help.code()).isZero();
    assertThat(help.out())
        .contains(
            "talk",
            "serve",
            "gateway",
            "evaluate",
            "analyze",
            "supervise",
            "parity",
            "plan",
            "bench",
            "chaos",
            "completion");
    assertThat(Execution.of("tlak").code()).isEqualTo(2);
  }

  @Test
  void withoutACommandItSaysWhatToDoFirst() {
    Execution alone = Execution.of();
    assertThat(alone.code()).isZero();
    assertThat(alone.out()).contains("./antiphon gateway", "./antiphon talk", "--help");
  }

  @Test
  void completionKnowsCommandsAndOptions() {
    Execution completion = Execution.of("completion");
    assertThat(completion.code()).isZero();
    assertThat(completion.out()).contains("complete -F", "talk", "--transcribe", "gateway");
  }

  @Test
  void aPlanTellsWhatLimitsAMachine() throws IOException {
    String nano = Path.of("..", "models", "nano").toString();
    String kernels = Path.of("..", "benchmarks", "results", "kernels.json").toString();
    refused("expected one of them", "plan", nano);
    refused("expected the directory of a bundle", "plan", "nowhere", "--kernels", kernels);
    refused("--cores is 0.0; expected 1 to 4096", "plan", nano, "--kernels", kernels, "--cores=0");
    refused("accelerator is 'abacus', expected h100", "plan", nano, "--accelerator", "abacus");
    Path other = folder.resolve("other.json");
    Files.writeString(other, Files.readString(Path.of(kernels)).replace("\"nano\"", "\"other\""));
    refused("was measured with bundle other; expected nano", "plan", nano, "--kernels", "" + other);

    String[] command = {"plan", nano, "--kernels", kernels, "--memory=24", "--price=1", "--json"};
    JsonNode two = plan(command, "--cores=2");
    JsonNode sixteen = plan(command, "--cores=16");
    assertThat(two.path("limit").asText()).isEqualTo("CORES");
    assertThat(two.path("busyShare").asDouble()).isBetween(0.6, 0.7);
    int conversations = two.path("conversations").asInt();
    assertThat(two.path("pricePerConversationHour").asDouble()).isEqualTo(1.0 / conversations);
    assertThat(sixteen.path("conversations").asInt()).isGreaterThan(7 * conversations);
    assertThat(Execution.of("plan", nano, "--accelerator", "l20", "--cores=64").out())
        .contains("limited by", "ms of 200");
  }

  private static JsonNode plan(String[] command, String cores) throws IOException {
    String[] all = Arrays.copyOf(command, command.length + 1);
    all[command.length] = cores;
    Execution execution = Execution.of(all);
    assertThat(execution.code()).as(execution.err()).isZero();
    return new ObjectMapper().readTree(execution.out());
  }

  @Test
  void talkNeedsSomethingToSay() {
    refused("nothing to say; expected a recording QUESTION.wav or --text", "talk");
    refused("does not exist; expected a recording", "talk", folder.resolve("none.wav").toString());
  }

  @Test
  void talkNeedsARecording() throws IOException {
    Path text = Files.writeString(folder.resolve("text.wav"), "this is no recording");
    refused(text.toString(), "talk", text.toString());
    Path empty = folder.resolve("empty.wav");
    WaveWriter.write(empty, 16_000, new float[0]);
    refused("holds no sound", "talk", empty.toString());
    refused("standard input is empty; expected a recording", new byte[0], "talk", "-");
    refused(
        "- is given twice; the standard input can be read but once",
        WaveWriter.bytes(16_000, new float[320]),
        "talk",
        "-",
        "-");
  }

  @Test
  void twoPartiesAreNeverMixedUnasked() throws IOException {
    Path call = folder.resolve("call.wav");
    try (WaveWriter writer = WaveWriter.create(call, 8_000, 2)) {
      float[] both = new float[16_000];
      for (int i = 0; i < both.length; i++) {
        both[i] = (float) (0.3 * Math.sin(i % 2 == 0 ? 0.1 * i : 0.017 * i));
      }
      writer.write(both);
    }
    refused(
        call
            + " has 2 channels with different sound, perhaps one party on each; choose left, right"
            + " or mix, for example --channel left",
        "talk",
        call.toString());
    refused(
        "--channel is \"middle\"; expected left, right or mix",
        "talk",
        call.toString(),
        "--channel",
        "middle");
    // The channel is taken, and only then the missing broker is found.
    refused(
        "kafka.bootstrapServers is \"nowhere\"; expected host:port",
        "talk",
        call.toString(),
        "--channel",
        "right",
        "--bootstrap",
        "nowhere");
    Path mono = folder.resolve("mono.wav");
    WaveWriter.write(mono, 8_000, new float[320]);
    refused(
        "has one channel; expected at least two to hear the left one",
        "talk",
        mono.toString(),
        "--channel",
        "left");
  }

  /** The recording is read from the standard input, and only then the missing broker is found. */
  @Test
  void aRecordingMayComeFromTheStandardInput() {
    refused(
        "kafka.bootstrapServers is \"nowhere\"; expected host:port",
        WaveWriter.bytes(16_000, new float[320]),
        "talk",
        "-",
        "--bootstrap",
        "nowhere");
  }

  @Test
  void optionsAreChecked() throws IOException {
    refused(
        "--mode is \"song\"; expected speech, text or transcription",
        "talk",
        "--text",
        "x",
        "--mode",
        "song");
    refused("--timeout is 0; expected at least 1 second", "talk", "--text", "x", "--timeout", "0");
    refused(
        "whose folder does not exist",
        "talk",
        "--text",
        "x",
        "--out",
        folder.resolve("no/answer.wav").toString());
    // A folder in which nobody can write, whatever rights this process has.
    refused(
        "--out: nothing can be written into /proc",
        "talk",
        "--text",
        "x",
        "--out",
        "/proc/answer.wav");
    refused("--port is 70000; expected 0 to 65535", "serve", "--port", "70000");
    refused("model.rows is 0, expected 1 to 4096", "talk", "--text", "x", "--set", "model.rows=0");
    refused(
        "kafka.bootstrapServers is \"nowhere\"; expected host:port",
        "talk",
        "--text",
        "x",
        "--bootstrap",
        "nowhere");
    refused("Unknown option", "talk", "--text", "x", "--colour");
    refused(
        "--turns is \"words\"; expected files or silence",
        "talk",
        "--text",
        "x",
        "--turns",
        "words");
  }

  @Test
  void theModelMustBeABundle() {
    refused(
        "model " + folder.resolve("none") + " does not exist",
        "talk",
        "--text",
        "x",
        "--model",
        folder.resolve("none").toString());
    refused("holds no antiphon.json", "talk", "--text", "x", "--model", folder.toString());
    refused(
        "does not exist; expected the directory of a bundle",
        "parity",
        folder.resolve("none").toString(),
        folder.toString());
  }

  @Test
  void allLinesOfAManifestAreChecked() throws IOException {
    Files.createFile(folder.resolve("a.wav"));
    Path manifest =
        Files.writeString(
            folder.resolve("manifest.jsonl"),
            """
            {"id": "a", "audio": "a.wav"}
            {"id": "a", "audio": "a.wav"}
            {"audio": "a.wav"}
            {"id": "b"}
            {"id": "c/d", "audio": "a.wav"}
            {"id": "e", "audio": "missing.wav"}
            {"id": "f", "audio": "a.wav", "mode": "song"}
            {"id": "g", "audio": ["a.wav", "a.wav"], "result": ["ten pounds"]}
            {"id": "h", "audio": ["a.wav", "a.wav"], "result": ["ten pounds", 10]}
            nonsense
            """);
    Execution evaluate =
        Execution.of("evaluate", manifest.toString(), "--out", folder.resolve("out").toString());
    assertThat(evaluate.code()).isEqualTo(2);
    assertThat(evaluate.err())
        .contains("line 2: id is \"a\"; expected one that no line before has")
        .contains("line 3: id is missing")
        .contains("line 4: audio is missing")
        .contains("line 5: id is \"c/d\"")
        .contains("line 6: audio is " + folder.resolve("missing.wav") + ", which does not exist")
        .contains("line 7: mode is \"song\"")
        .contains("line 8: result has 1 entries; expected 2, one for each turn")
        .contains("line 9: result has 10; expected texts and null")
        .contains("line 10: ");
  }

  private static void refused(String message, byte[] standardInput, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(standardInput));
    try {
      refused(message, arguments);
    } finally {
      System.setIn(before);
    }
  }

  private static void refused(String message, String... arguments) {
    Execution execution = Execution.of(arguments);
    assertThat(execution.err()).contains(message);
    assertThat(execution.code()).isEqualTo(2);
  }
}
