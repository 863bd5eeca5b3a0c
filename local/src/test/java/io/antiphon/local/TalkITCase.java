package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.client.Answer;
import io.antiphon.client.AnswerObserver;
import io.antiphon.client.Caller;
import io.antiphon.client.ConversationException;
import io.antiphon.client.Pace;
import io.antiphon.client.ScriptedDialogue;
import io.antiphon.jobs.AgentDataflow;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Interrupted;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnEnded;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shipped model, through Kafka and Flink: every sample, tools, turns that follow,
 * interruptions.
 */
class TalkITCase {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static NanoService nano;
  private static ExecutorService callers;

  /** Answers to the samples by their ids: all are asked at the same time. */
  private static final Map<String, Future<List<Answer>>> ASKED = new HashMap<>();

  @BeforeAll
  static void start() {
    nano = NanoService.start(new AgentDataflow(), Map.of("model.maximumLead", "2s"));
    callers = Executors.newFixedThreadPool(samples().size());
    for (JsonNode sample : samples()) {
      ASKED.put(sample.path("id").asText(), callers.submit(() -> ask(sample)));
    }
  }

  @AfterAll
  static void stop() {
    callers.shutdownNow();
    nano.close();
  }

  private static List<Answer> ask(JsonNode sample) throws Exception {
    try (Caller caller = nano.call(Mode.SPEECH_TO_SPEECH)) {
      return new ScriptedDialogue(caller, Optional.ofNullable(sample.path("result").textValue()))
          .say(Samples.recording(sample), Pace.IMMEDIATE, AnswerObserver.NONE);
    }
  }

  static List<JsonNode> samples() {
    return Samples.all();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everySampleIsAnsweredRightlyAndAudibly(JsonNode sample) throws Exception {
    List<Answer> answers = ASKED.get(sample.path("id").asText()).get();
    Answer last = answers.get(answers.size() - 1);
    assertThat(last.text()).isEqualTo(Samples.expected(sample));
    assertThat(last.complete()).isTrue();
    // Speech of a plausible length that is neither silence nor noise at full scale.
    assertThat(last.speech().length / 24_000.0)
        .isBetween(0.04 * last.text().length(), 0.15 * last.text().length());
    assertThat(NanoService.loudness(last)).isBetween(0.01, 0.5);
    if (sample.has("call")) {
      ToolCall call = answers.get(0).toolCalls().get(0);
      assertThat(call.getName()).isEqualTo(sample.path("call").path("name").asText());
      assertThat(JSON.readTree(call.getArguments()))
          .isEqualTo(sample.path("call").path("arguments"));
    }
  }

  @Test
  void turnsFollowEachOtherInOneConversation() throws Exception {
    try (Caller caller = nano.call(Mode.SPEECH_TO_SPEECH)) {
      for (JsonNode question : Samples.questions().subList(0, 3)) {
        assertThat(say(caller, question).text()).isEqualTo(Samples.expected(question));
      }
    }
  }

  @Test
  void anInterruptedAnswerStopsAndTheNextQuestionIsAnswered() throws Exception {
    JsonNode capital = Samples.byId("capital");
    try (Caller caller = nano.call(Mode.SPEECH_TO_SPEECH)) {
      caller.speak(Samples.recording(Samples.byId("add")), Pace.IMMEDIATE);
      boolean[] interrupted = {false};
      Answer cut =
          caller.ask(
              new TurnEnded(),
              piece -> {
                if (!interrupted[0]) {
                  interrupted[0] = true;
                  caller.send(Interrupted.newBuilder().build());
                }
              });
      assertThat(cut.finishReason()).isEqualTo(FinishReason.INTERRUPTED);
      assertThat(say(caller, capital).text()).isEqualTo(Samples.expected(capital));
    }
  }

  @Test
  void speechToTextAnswersWithoutSpeech() throws Exception {
    JsonNode capital = Samples.byId("capital");
    try (Caller caller = nano.call(Mode.SPEECH_TO_TEXT)) {
      Answer answer = say(caller, capital);
      assertThat(answer.text()).isEqualTo(Samples.expected(capital));
      assertThat(answer.speech()).isEmpty();
    }
  }

  @Test
  void transcriptionWritesWhatWasSaid() throws Exception {
    JsonNode capital = Samples.byId("capital");
    try (Caller caller = nano.call(Mode.TRANSCRIPTION)) {
      assertThat(say(caller, capital).text()).isEqualTo(capital.path("text").asText());
    }
  }

  private static Answer say(Caller caller, JsonNode sample)
      throws ConversationException, InterruptedException {
    caller.speak(Samples.recording(sample), Pace.IMMEDIATE);
    return caller.ask(new TurnEnded(), piece -> {});
  }
}
