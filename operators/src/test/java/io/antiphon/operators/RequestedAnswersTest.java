package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AnswerRequested;
import io.antiphon.schemas.AnswerStarted;
import io.antiphon.schemas.AudioDiscarded;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.HistoryItem;
import io.antiphon.schemas.InputTranscript;
import io.antiphon.schemas.ItemAdded;
import io.antiphon.schemas.ItemRemoved;
import io.antiphon.schemas.KeyPressed;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.Sampling;
import io.antiphon.schemas.SettingsChanged;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnDetection;
import io.antiphon.schemas.TurnTaken;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.junit.jupiter.api.Test;

/** Answers that are asked for, and what they are made from. */
class RequestedAnswersTest extends OneCaller {
  private static final double NOISE = 0.005;

  /** The answer is the prompt, in one line; audio is drawn together. */
  @Override
  FakeModel model() {
    return prompt -> prompt.strip().replaceAll("(#[-0-9.E]+)+", "#").replace("\n", "/");
  }

  /** Answers that repeat a prompt longer than most. */
  private static Sampling longer() {
    return Sampling.newBuilder().setMaximumNewPositions(100).build();
  }

  private InboundRecord unanswered(String type) {
    return event(
        Script.settings(Mode.SPEECH_TO_TEXT)
            .setInstructions("i")
            .setTranscribeInput(true)
            .setTurnDetection(
                TurnDetection.newBuilder()
                    .setType(type)
                    .setSilenceMillis(320)
                    .setAnswersTurns(false)
                    .build()));
  }

  private InboundRecord event(ConversationStarted.Builder started) {
    return script.event(started.build());
  }

  private InboundRecord ask() {
    return script.event(AnswerRequested.newBuilder().setTag("r1").build());
  }

  private InboundRecord item(String id, String role, String text, String previous) {
    return script.event(new ItemAdded(message(id, role, text), previous));
  }

  private static HistoryItem message(String id, String role, String text) {
    return HistoryItem.newBuilder().setItemId(id).setRole(role).setText(text).build();
  }

  @Test
  void aSpokenTurnIsWrittenDownAndWaitsForTheRequest() throws Exception {
    chain.play(unanswered("speech"), script.audio(1024), script.audio(1024, NOISE));
    assertThat(chain.bodies(TurnTaken.class)).containsExactly(new TurnTaken(0, 1024L));
    assertThat(chain.bodies(InputTranscript.class)).hasSize(1);
    assertThat(chain.answers()).isEmpty();
    chain.play(ask());
    assertThat(chain.bodies(AnswerStarted.class)).containsExactly(new AnswerStarted("r1", false));
    assertThat(chain.answers()).hasSize(1);
    TextResponse started = chain.text.get(chain.text.size() - 3);
    assertThat(started.getTurn()).as("the turn of the answer is one of its own").isEqualTo(1);
    chain.snapshot();
    CompletedTurn completed = chain.completedTurns.get(0);
    assertThat(completed.getTag()).isEqualTo("r1");
    assertThat(completed.getQuestionType()).isEqualTo("SPOKEN");
    AnswersTest.assertNumbered(chain);
  }

  @Test
  void askedForItIsTheAnswerThatWouldHaveComeByItself() throws Exception {
    chain.play(unanswered("manual"), script.audio(810), script.ended(), ask());
    Script other = new Script("d");
    chain.play(
        other.event(Script.settings(Mode.SPEECH_TO_TEXT).setInstructions("i").build()),
        other.audio(810),
        other.ended());
    assertThat(chain.answers()).hasSize(2);
    assertThat(chain.answers().get(0)).isEqualTo(chain.answers().get(1)).contains("#");
  }

  @Test
  void theAnswerDoesNotWaitForTheTranscript() throws Exception {
    chain.play(unanswered("manual"), script.audio(810));
    chain.send(script.ended(), ask());
    while (chain.bodies(AnswerStarted.class).isEmpty()) {
      chain.work(1);
    }
    assertThat(chain.bodies(InputTranscript.class)).isEmpty();
    chain.settle();
    assertThat(chain.bodies(InputTranscript.class)).hasSize(1);
    assertThat(chain.answers()).hasSize(1);
  }

  @Test
  void whatWasSaidAndWrittenBeforeTheRequestIsAllInThePrompt() throws Exception {
    chain.play(
        unanswered("manual"),
        script.text("one"),
        item("s", "system", "be brief", null),
        item("a", "assistant", "yes", null),
        item("u", "user", "two", null),
        ask());
    assertThat(chain.answers()).containsExactly("S:write i/U:one/S:be brief/A:yes/U:two/A:");
    assertThat(chain.bodies(TurnTaken.class)).containsExactly(new TurnTaken(0, -1L));
  }

  @Test
  void itemsAreInsertedAndRemovedAnywhere() throws Exception {
    chain.play(
        event(
            Script.settings(Mode.SPEECH_TO_TEXT)
                .setInstructions("i")
                .setSampling(longer())
                .setHistory(
                    List.of(message("h", "user", "before"), message("g", "assistant", "ok")))),
        item("middle", "system", "middle", "h"),
        item("first", "system", "first", ""),
        script.text("q"),
        item("between", "system", "between", "item_u0"),
        script.event(new ItemRemoved("h")),
        script.text("r"));
    assertThat(chain.answers().get(0)).isEqualTo("S:write i/S:first/U:before/S:middle/A:ok/U:q/A:");
    assertThat(chain.answers().get(1))
        .startsWith("S:write i/S:first/S:middle/A:ok/U:q/S:between/A:S:write i/S:first/U:before/");
    chain.play(script.event(new ItemRemoved("item_a0")), script.text("s"));
    assertThat(chain.answers().get(2))
        .startsWith("S:write i/S:first/S:middle/A:ok/U:q/S:between/U:r/A:");
  }

  @Test
  void toolCallsAndResultsAreHistoryAsTheModelWritesThem() throws Exception {
    chain.play(
        unanswered("manual"),
        script.event(
            new ItemAdded(
                HistoryItem.newBuilder()
                    .setItemId("c")
                    .setKind("tool-call")
                    .setCallId("x")
                    .setName("get")
                    .setText("{\"a\": 1}")
                    .build(),
                null)),
        script.event(
            new ItemAdded(
                HistoryItem.newBuilder()
                    .setItemId("d")
                    .setKind("tool-result")
                    .setCallId("x")
                    .setText("ten")
                    .build(),
                null)),
        item("u", "user", "and", null),
        script.event(
            AnswerRequested.newBuilder()
                .setToolChoice("none")
                .setInstructions("j")
                .setMaximumNewPositions(100)
                .build()));
    // The answer repeats the prompt, and what it writes as a call is one of a tool not offered.
    assertThat(chain.bodies(ToolCall.class)).isEmpty();
    assertThat(chain.bodies(ConversationFailed.class))
        .extracting(ConversationFailed::getCode)
        .containsExactly("tool-not-offered");
    assertThat(chain.answers()).containsExactly("S:write j/A:/U:R:ten;/U:and/A:");
  }

  @Test
  void whatCannotBeAddedIsToldAndNothingElseChanges() throws Exception {
    chain.play(
        unanswered("manual"),
        item("u", "user", "one", null),
        item("u", "user", "two", null),
        item("v", "user", "three", "nobody"),
        script.event(new ItemRemoved("nobody")),
        item("w", "robot", "four", null),
        ask());
    assertThat(chain.failures())
        .containsExactly(
            FailureCodes.DUPLICATE_ITEM,
            FailureCodes.UNKNOWN_ITEM,
            FailureCodes.UNKNOWN_ITEM,
            FailureCodes.UNSUPPORTED_EVENT);
    assertThat(chain.answers()).containsExactly("S:write i/U:one/A:");
  }

  @Test
  void anAnswerWithSettingsOfItsOwnLeavesTheConversationAsItWas() throws Exception {
    chain.play(
        event(Script.settings(Mode.SPEECH_TO_TEXT).setInstructions("i").setSampling(longer())),
        script.text("one"),
        script.event(AnswerRequested.newBuilder().setInstructions("j").build()),
        script.text("two"));
    List<String> answers = chain.answers();
    assertThat(answers.get(1)).isEqualTo("S:write j/U:one/A:" + answers.get(0) + "/A:");
    assertThat(answers.get(2))
        .isEqualTo("S:write i/U:one/A:" + answers.get(0) + "/A:" + answers.get(1) + "/U:two/A:");
    chain.snapshot();
    assertThat(chain.completedTurns)
        .extracting(CompletedTurn::getInstructions)
        .containsExactly("i", "j", "i");
  }

  @Test
  void aCompletedTurnCarriesTheToolsThatItsPromptHad() throws Exception {
    List<String> get = List.of("{\"name\": \"get\"}");
    List<String> both = List.of("{\"name\": \"get\"}", "{\"name\": \"put\"}");
    chain.play(
        event(Script.settings(Mode.SPEECH_TO_TEXT).setTools(get)),
        script.text("one"),
        script.event(AnswerRequested.newBuilder().setTools(both).build()),
        script.event(AnswerRequested.newBuilder().setToolChoice("none").build()),
        script.event(SettingsChanged.newBuilder().setTools(both).build()),
        script.text("two"));
    assertThat(chain.answers().get(0)).startsWith("S:write tools {\"name\": \"get\"}./U:one");
    assertThat(chain.answers().get(1))
        .startsWith("S:write tools {\"name\": \"get\"},{\"name\": \"put\"}./U:");
    assertThat(chain.answers().get(2)).startsWith("S:write/U:one");
    chain.snapshot();
    assertThat(chain.completedTurns)
        .extracting(CompletedTurn::getTools)
        .containsExactly(get, both, List.of(), both);
  }

  @Test
  void emptyInstructionsAreNone() throws Exception {
    Script other = new Script("other");
    chain.play(
        event(Script.settings(Mode.SPEECH_TO_TEXT).setInstructions("i")),
        script.text("one"),
        script.event(AnswerRequested.newBuilder().setInstructions("").build()),
        script.event(SettingsChanged.newBuilder().setInstructions("").build()),
        script.text("two"),
        other.event(Script.settings(Mode.SPEECH_TO_TEXT).setInstructions("").build()),
        other.text("three"));
    assertThat(chain.answers().get(0)).startsWith("S:write i/U:one");
    assertThat(chain.answers().subList(1, 4)).allMatch(answer -> answer.startsWith("S:write/U:"));
    chain.snapshot();
    assertThat(chain.completedTurns)
        .extracting(CompletedTurn::getInstructions)
        .containsExactly("i", null, null, null);
  }

  @Test
  void anAnswerOutOfBandLeavesNothingBehind() throws Exception {
    chain.play(
        event(Script.settings(Mode.SPEECH_TO_TEXT).setInstructions("i")),
        script.text("one"),
        script.event(
            AnswerRequested.newBuilder()
                .setTag("aside")
                .setOutOfBand(true)
                .setMaximumNewPositions(4)
                .setInput(List.of(message("x", "user", "other")))
                .build()),
        script.text("two"));
    assertThat(chain.answers().get(1)).isEqualTo("S:wr");
    assertThat(chain.bodies(TurnCompleted.class).get(1).getFinishReason())
        .isEqualTo(FinishReason.LENGTH);
    assertThat(chain.answers().get(2))
        .isEqualTo("S:write i/U:one/A:" + chain.answers().get(0) + "/U:two/A:");
    assertThat(chain.bodies(AnswerStarted.class)).containsExactly(new AnswerStarted("aside", true));
  }

  @Test
  void settingsChangeInMidConversation() throws Exception {
    chain.play(
        event(Script.settings(Mode.SPEECH_TO_TEXT).setInstructions("i")),
        script.text("one"),
        script.event(
            SettingsChanged.newBuilder()
                .setInstructions("j")
                .setTurnDetection(
                    TurnDetection.newBuilder().setType("speech").setAnswersTurns(false).build())
                .build()),
        script.text("two"));
    assertThat(chain.answers()).hasSize(1);
    chain.play(script.audio(1024), script.audio(1024, NOISE), ask());
    assertThat(chain.bodies(TurnTaken.class)).hasSize(2);
    assertThat(chain.answers().get(1))
        .startsWith("S:write j/U:one/A:" + chain.answers().get(0) + "/U:two/U:#");
    chain.play(
        script.event(
            SettingsChanged.newBuilder()
                .setTurnDetection(TurnDetection.newBuilder().setType("telepathy").build())
                .build()));
    assertThat(chain.failures()).containsExactly(FailureCodes.UNSUPPORTED_EVENT);
  }

  @Test
  void afterSilenceTheAssistantSpeaksByItself() throws Exception {
    chain.play(
        event(
            Script.settings(Mode.SPEECH_TO_SPEECH)
                .setTools(List.of())
                .setTurnDetection(
                    TurnDetection.newBuilder()
                        .setType("speech")
                        .setSilenceMillis(320)
                        .setIdleTimeoutMillis(5_000)
                        .build())),
        script.audio(1024),
        script.audio(1024, NOISE));
    long heard = 1024 + 320 + chain.bodies(TurnCompleted.class).get(0).getAudioMillis();
    int whole = (int) (heard + 5_000 - 2048) / 500;
    for (int i = 0; i < whole; i++) {
      chain.play(script.audio(500, NOISE));
    }
    assertThat(chain.answers()).hasSize(1);
    chain.play(script.audio(700, NOISE));
    assertThat(chain.answers()).hasSize(2);
    assertThat(chain.bodies(AnswerStarted.class)).containsExactly(new AnswerStarted("", false));
  }

  @Test
  void keysAreTakenAndRead() throws Exception {
    chain.play(
        event(Script.settings(Mode.SPEECH_TO_TEXT).setInstructions("i")),
        script.event(new KeyPressed("4", 0, -1L)),
        script.event(new KeyPressed("2", 0, -1L)),
        script.event(new KeyPressed("x", 0, -1L)),
        script.event(new KeyPressed("#", 0, -1L)));
    assertThat(chain.bodies(KeyPressed.class))
        .extracting(KeyPressed::getKey)
        .containsExactly("4", "2", "#");
    assertThat(chain.answers()).containsExactly("S:write i/U:42#/A:");
    assertThat(chain.failures()).containsExactly(FailureCodes.UNSUPPORTED_EVENT);
  }

  @Test
  void discardedAudioIsInNoTurn() throws Exception {
    chain.play(
        unanswered("manual"),
        script.audio(3000),
        script.event(new AudioDiscarded()),
        script.audio(400),
        script.ended(),
        ask());
    assertThat(chain.bodies(TurnCompleted.class).get(0).getUsage().getPromptPositions())
        .isLessThan(20);
    assertThat(chain.bodies(ConversationFailed.class)).isEmpty();
  }

  @Test
  void aRequestThatIsRefusedNamesItsEvent() throws Exception {
    chain.play(unanswered("manual"));
    InboundRecord refused =
        script.event(AnswerRequested.newBuilder().setMode(Mode.TRANSCRIPTION).build());
    chain.play(refused);
    assertThat(chain.bodies(ConversationFailed.class))
        .extracting(ConversationFailed::getEventSequence)
        .containsExactly(1L);
  }

  @Test
  void restoredAnywhereItTellsTheSame() throws Exception {
    List<InboundRecord> story = new ArrayList<>();
    story.add(unanswered("speech"));
    story.add(script.audio(810));
    story.add(script.audio(600, NOISE));
    story.add(item("u", "user", "and", null));
    story.add(ask());
    story.add(script.event(new KeyPressed("4", 0, -1L)));
    story.add(
        script.event(AnswerRequested.newBuilder().setInstructions("j").setOutOfBand(true).build()));
    story.add(script.audio(810));
    story.add(script.audio(600, NOISE));
    story.add(ask());
    chain.send(story.toArray(InboundRecord[]::new)).settle();
    List<String> undisturbed = told(List.of(chain));
    assertThat(undisturbed).hasSize(11);
    for (int sent = 0; sent <= story.size(); sent++) {
      for (int work = 0; work < 12; work += 3) {
        Chain first = Chain.on(new HashMapStateBackend(), bundle, model(), null);
        first.send(story.subList(0, sent).toArray(InboundRecord[]::new)).work(work);
        List<OperatorSubtaskState> states = first.snapshot();
        first.close();
        try (Chain second = Chain.on(new HashMapStateBackend(), bundle, model(), states)) {
          second.send(story.subList(sent, story.size()).toArray(InboundRecord[]::new)).settle();
          assertThat(told(List.of(first, second)))
              .as("after %d records and %d pieces of work", sent, work)
              .containsExactlyInAnyOrderElementsOf(undisturbed);
        }
      }
    }
  }

  /** What is told of turns and answers, each once. */
  private static List<String> told(List<Chain> chains) {
    List<String> told = new ArrayList<>();
    for (Chain chain : chains) {
      for (TextResponse response : chain.text) {
        Object body = response.getBody();
        String line =
            body instanceof TurnCompleted completed
                ? response.getTurn() + " " + completed.getText()
                : body instanceof TurnTaken
                        || body instanceof InputTranscript
                        || body instanceof AnswerStarted
                        || body instanceof KeyPressed
                    ? response.getTurn() + " " + response.getSequence() + " " + body
                    : null;
        if (line != null && !told.contains(line)) {
          told.add(line);
        }
      }
    }
    return told;
  }
}
