package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.client.ConversationClient;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.local.LocalService;
import io.antiphon.serde.recording.MonoRecording;
import io.antiphon.serde.recording.WaveWriter;
import io.antiphon.testing.EchoDataflow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a real broker and cluster, with an echo in the place of the model. */
class CommandLineITCase {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static LocalService service;
  private static AgentConfiguration configuration;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    service =
        LocalService.start(
            AgentConfiguration.defaults(), 0, new EchoDataflow(), (part, took) -> {});
    configuration = service.configuration();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void talkPrintsTextAndLatenciesAndWritesTheAnswer() throws IOException {
    Path question = recording("question.wav", 16_000, 1000);
    Path answer = folder.resolve("answer.wav");
    Execution talk = run("talk", question.toString(), "--out", answer.toString(), "--transcribe");
    assertThat(talk.code()).as(talk.err()).isZero();
    assertThat(talk.out())
        .contains("Antiphon: heard 1000")
        .contains("Heard:    what was said")
        .containsPattern("in the dataflow +first text +3.0 ms")
        .containsPattern("at the caller +answer complete +\\d+\\.\\d ms")
        .doesNotContain("first speech tokens");
    // The echo repeats the last chunk of 20 ms, which holds the rest of the recording.
    assertThat(MonoRecording.read(answer).samples()).hasSize(1000 % 320);
  }

  @Test
  void otherRatesAreResampledAndTurnsFollowEachOther() throws IOException {
    Path first = recording("first.wav", 22_050, 22_050);
    Path second = recording("second.wav", 8_000, 4_000);
    Execution talk =
        run(
            "talk",
            first.toString(),
            second.toString(),
            "--text",
            "and now",
            "--json",
            "--mode",
            "text");
    assertThat(talk.code()).as(talk.err()).isZero();
    JsonNode result = JSON.readTree(talk.out());
    assertThat(result.path("text").asText()).isEqualTo("read and now");
    assertThat(result.path("answers").get(0).path("text").asText()).isEqualTo("heard 16000");
    assertThat(result.path("answers").get(1).path("text").asText()).isEqualTo("heard 8000");
    assertThat(result.path("speech").isNull()).isTrue();
    assertThat(result.path("complete").asBoolean()).isTrue();
  }

  @Test
  void aPauseIsToldAndMakesTwoTurnsWhereThatIsAskedFor() throws IOException {
    float[] sound = new float[44_800]; // half a second, a pause of one, 0.7 s, and quiet again
    for (int i = 0; i < sound.length; i++) {
      boolean spoken = i < 8_000 || (i >= 24_000 && i < 35_200);
      sound[i] = spoken ? (float) (0.3 * Math.sin(0.1 * i)) : 0;
    }
    Path questions = folder.resolve("two-questions.wav");
    WaveWriter.write(questions, 16_000, sound);
    Execution one = run("talk", questions.toString(), "--mode", "text");
    assertThat(one.code()).as(one.err()).isZero();
    assertThat(one.err())
        .contains(
            "Note: "
                + questions
                + ": pauses for 1.0 s at 0.5 s; it is one turn, and --turns silence makes several");
    assertThat(one.out()).contains("heard 44800");

    Execution two = run("talk", questions.toString(), "--turns", "silence", "--mode", "text");
    assertThat(two.code()).as(two.err()).isZero();
    assertThat(two.err()).doesNotContain("Note:");
    assertThat(two.out())
        .containsSubsequence(
            "Caller:   " + questions + ", turn 1 (1.2 s)",
            "heard 19200",
            "Caller:   " + questions + ", turn 2 (1.6 s)",
            "heard 25600");
  }

  @Test
  void oneOfTwoPartiesIsHeard() throws IOException {
    Path call = folder.resolve("call.wav");
    float[] both = new float[2 * 12_345];
    for (int i = 0; i < both.length; i++) {
      both[i] = (float) (0.3 * Math.sin(i % 2 == 0 ? 0.1 * i : 0.017 * i));
    }
    try (WaveWriter writer = WaveWriter.create(call, 16_000, 2)) {
      writer.write(both);
    }
    for (String channel : List.of("left", "right", "mix")) {
      Execution talk = run("talk", call.toString(), "--channel", channel, "--mode", "text");
      assertThat(talk.code()).as(talk.err()).isZero();
      assertThat(talk.out()).contains("heard 12345");
    }
  }

  /** A recorder's file whose header was never completed, through a pipe. */
  @Test
  void theStandardInputIsHeardToItsEnd() {
    byte[] bytes = WaveWriter.bytes(16_000, new float[4_321]);
    Arrays.fill(bytes, 40, 44, (byte) 0);
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(bytes));
    try {
      Execution talk = run("talk", "-", "--mode", "text");
      assertThat(talk.code()).as(talk.err()).isZero();
      assertThat(talk.out()).contains("heard 4321");
      assertThat(talk.err())
          .contains("Note: -: its header says 0 bytes of sound; it is heard to its end");
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aToolCallIsPrintedAndWithAResultAnswered() throws IOException {
    Execution call = run("talk", "--text", "call get_balance");
    assertThat(call.code()).as(call.err()).isZero();
    assertThat(call.out()).contains("Tool:     get_balance {\"account\": \"current\"}");

    Execution answered =
        run("talk", "--text", "call get_balance", "--result", "ten pounds", "--json");
    assertThat(answered.code()).as(answered.err()).isZero();
    JsonNode result = JSON.readTree(answered.out());
    assertThat(result.path("text").asText()).isEqualTo("the tool says ten pounds");
    assertThat(result.path("toolCalls").get(0).path("arguments").path("account").asText())
        .isEqualTo("current");
  }

  @Test
  void aFailedConversationIsExplained() {
    Execution talk = run("talk", "--text", "fail");
    assertThat(talk.code()).isEqualTo(1);
    assertThat(talk.err()).contains("Failed: no-idea: this is how it fails");
    assertThat(run("talk", "--text", "fail", "--json").out())
        .contains("{\"complete\":false,\"error\":{\"code\":\"no-idea\"");
  }

  @Test
  void evaluateWritesOneResultPerLine() throws IOException {
    recording("a.wav", 16_000, 640);
    recording("b.wav", 16_000, 320);
    Files.writeString(folder.resolve("broken.wav"), "no sound");
    Path manifest = folder.resolve("manifest.jsonl");
    Files.writeString(
        manifest,
        """
        {"id": "one", "audio": "a.wav"}
        {"id": "two", "audio": ["b.wav", "a.wav"], "mode": "text"}

        {"id": "three", "audio": "a.wav", "mode": "transcription", "expected": "ignored"}
        {"id": "four", "audio": "broken.wav"}
        """);
    Path out = folder.resolve("out");
    Execution evaluate =
        run("evaluate", manifest.toString(), "--out", out.toString(), "--concurrency", "3");
    assertThat(evaluate.code()).isEqualTo(1);
    assertThat(evaluate.err()).contains("4 of 4 done, 1 failed");

    TreeMap<String, JsonNode> results = new TreeMap<>();
    for (String line : Files.readAllLines(out.resolve("results.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      results.put(node.path("id").asText(), node);
    }
    assertThat(results.keySet()).containsExactly("four", "one", "three", "two");
    assertThat(results.get("one").path("text").asText()).isEqualTo("heard 640");
    assertThat(results.get("one").path("transcript").asText()).isEqualTo("what was said");
    assertThat(results.get("one").path("firstAudioMillis").asDouble()).isPositive();
    assertThat(MonoRecording.read(Path.of(results.get("one").path("speech").asText())).samples())
        .hasSize(320);
    assertThat(results.get("two").path("text").asText()).isEqualTo("heard 640");
    assertThat(results.get("two").path("speech").isNull()).isTrue();
    assertThat(results.get("three").path("transcript").asText()).isEqualTo("heard 640");
    assertThat(results.get("four").path("error").path("code").asText())
        .isEqualTo("unreadable-audio");
  }

  @Test
  void everyTurnOfAnEvaluationHasItsOwnResult() throws IOException {
    recording("long.wav", 16_000, 16_000 * 3);
    recording("short.wav", 16_000, 640);
    Path manifest = folder.resolve("manifest.jsonl");
    Files.writeString(
        manifest,
        """
        {"id": "turns", "audio": ["long.wav", "short.wav", "long.wav"], "result": ["ten pounds", null, null]}
        """);
    Path out = folder.resolve("out");
    assertThat(run("evaluate", manifest.toString(), "--out", out.toString()).code()).isZero();
    JsonNode result = JSON.readTree(Files.readString(out.resolve("results.jsonl")));
    List<String> answers = new ArrayList<>();
    int samples = 0;
    for (JsonNode answer : result.path("answers")) {
      samples += answer.path("speechSamples").asInt();
      answers.add(answer.path("callerTurn").asInt() + " " + answer.path("text").asText());
    }
    assertThat(answers).containsExactly("0 ", "0 the tool says ten pounds", "1 heard 640", "2 ");
    assertThat(MonoRecording.read(Path.of(result.path("speech").asText())).samples())
        .hasSize(samples);
  }

  @Test
  void undecodableBytesBecomeDeadLettersAndTheJobGoesOn() throws Exception {
    try (ConversationClient client =
        new ConversationClient(configuration.kafka().clientProperties(), configuration.topics())) {
      client.sendRaw(new byte[] {'x'}, new byte[] {1, 2, 3});
      client.sendRaw(null, null);
      client.flush();
    }
    assertThat(run("talk", "--text", "still there").out()).contains("read still there");
    assertThat(service.job().restarts()).isZero();
  }

  private Path recording(String name, int rate, int samples) throws IOException {
    float[] sound = new float[samples];
    for (int i = 0; i < samples; i++) {
      sound[i] = (float) Math.sin(0.1 * i) / 2;
    }
    Path file = folder.resolve(name);
    WaveWriter.write(file, rate, sound);
    return file;
  }

  private static Execution run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--bootstrap");
    all.add(configuration.kafka().bootstrapServers());
    return Execution.of(all.toArray(String[]::new));
  }
}
