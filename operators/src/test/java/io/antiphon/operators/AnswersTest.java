package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.Seeds;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.InputTranscript;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a caller who behaves gets. */
class AnswersTest {
  @TempDir static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  @Test
  void aWrittenQuestionIsAnsweredInTextAsItIsMade() throws Exception {
    try (Chain chain = Chain.open(bundle, FakeModel.ECHO)) {
      Script script = new Script("c");
      chain.send(script.started(Mode.SPEECH_TO_TEXT), script.text("grüß dich"));
      assertThat(chain.text).isEmpty();
      chain.work(3);
      assertThat(chain.deltas()).isEqualTo("1 G");
      chain.settle();

      assertThat(chain.deltas()).isEqualTo("1 GRÜSS DICH");
      TurnCompleted completed = chain.bodies(TurnCompleted.class).get(0);
      assertThat(completed.getText()).isEqualTo("1 GRÜSS DICH");
      assertThat(completed.getFinishReason()).isEqualTo(FinishReason.STOP);
      assertThat(completed.getAudioMillis()).isZero();
      assertThat(completed.getUsage().getPromptPositions()).isPositive();
      assertThat(completed.getLatencies().getPrefilled()).isNotNegative();
      assertThat(completed.getLatencies().getFirstText()).isNotNegative();
      assertThat(completed.getLatencies().getFirstAudio()).isEqualTo(-1);
      assertThat(completed.getLatencies().getCompleted()).isNotNegative();
      assertThat(chain.speech).isEmpty();
      assertNumbered(chain);
    }
  }

  @Test
  void aSpokenQuestionIsAnsweredInSpeechAndText() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> "yes")) {
      Script script = new Script("c");
      chain.play(
          script.started(Mode.SPEECH_TO_SPEECH),
          script.audio(2500),
          script.audio(500),
          script.ended());

      TurnCompleted completed = chain.bodies(TurnCompleted.class).get(0);
      assertThat(completed.getText()).isEqualTo("yes");
      // Three characters, each with a group of five ids of 40 ms.
      assertThat(completed.getUsage().getSpeechTokens()).isEqualTo(15);
      assertThat(completed.getUsage().getAudioGroups()).isEqualTo(15);
      assertThat(completed.getAudioMillis()).isEqualTo(600);
      assertThat(completed.getLatencies().getEncoded()).isNotNegative();
      assertThat(completed.getLatencies().getPrefilled()).isNotNegative();
      assertThat(completed.getLatencies().getFirstSpeechTokens()).isNotNegative();
      assertThat(completed.getLatencies().getFirstAudio()).isNotNegative();
      assertSeamless(chain.speech, 48);
      assertThat(chain.text.get(chain.text.size() - 1).getBody()).isInstanceOf(TurnCompleted.class);
      assertNumbered(chain);
    }
  }

  @Test
  void aCompletedTurnTellsHowItsIdsWereDrawn() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> "yes")) {
      Script script = new Script("c");
      chain.play(script.started(Mode.SPEECH_TO_SPEECH), script.text("hi"));
      chain.snapshot();

      CompletedTurn turn = chain.completedTurns.get(0);
      assertThat(turn.getModel().getName()).isEqualTo(bundle.manifest().name());
      assertThat(turn.getModel().getDigest()).isEqualTo(bundle.digest());
      assertThat(turn.getInstructions()).as("none but the bundle's own").isNull();
      assertThat(turn.getTools()).as("the bundle's own").isNull();
      assertThat(turn.getTextIds()).hasSize(turn.getUsage().getTextTokens());
      assertThat(turn.getSpeechIds())
          .as("a group for every position but that of the turn's end")
          .hasSize((turn.getTextIds().size() - 1) * bundle.manifest().audio().groupSize())
          .endsWith(bundle.manifest().speechIds().end());
      var sampling = turn.getSampling();
      assertThat(sampling.getSeed()).isEqualTo(Seeds.of("c"));
      assertThat(sampling.getSpeechTopP()).isEqualTo(bundle.manifest().sampling().speech().topP());
      assertThat(sampling.getMaximumNewPositions())
          .isEqualTo(bundle.manifest().sampling().maximumNewPositions());
    }
  }

  @Test
  void audioIsPrefilledWhileTheCallerSpeaks() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> "yes")) {
      Script script = new Script("c");
      chain.play(script.started(Mode.SPEECH_TO_TEXT), script.audio(4100));
      FakeResponseSession session = (FakeResponseSession) chain.host.open.iterator().next();
      assertThat(session.prompt().split("#", -1)).hasSize(1 + 20); // two windows of ten groups
    }
  }

  @Test
  void speechLeavesWhileDecodingGoesOn() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> "a long answer")) {
      Script script = new Script("c");
      chain.play(script.started(Mode.SPEECH_TO_SPEECH));
      chain.send(script.text("hi"));
      while (chain.speech.isEmpty()) {
        chain.work(1);
      }
      assertThat(chain.deltas().length()).isLessThan("a long answer".length());
      chain.settle();
      assertSeamless(chain.speech, 48);
    }
  }

  @Test
  void laterQuestionsKnowTheEarlierOnes() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> prompt)) {
      Script script = new Script("c");
      chain.play(
          script.started(Mode.SPEECH_TO_TEXT),
          script.event(new io.antiphon.schemas.TextMessage("one")),
          script.text("two"));
      assertThat(chain.answers())
          .containsExactly("S:write\nU:one\nA:", "S:write\nU:one\nA:S:write\nU:one\nA:\nU:two\nA:");
    }
  }

  @Test
  void onlySoManyRoundsAreRemembered() throws Exception {
    try (Chain chain = Chain.open(bundle, FakeModel.ECHO)) {
      Script script = new Script("c");
      chain.play(script.started(Mode.SPEECH_TO_TEXT));
      for (int i = 0; i < 6; i++) {
        chain.play(script.text("q"));
      }
      // Three rounds of history and the question itself; with a fourth, two stay.
      assertThat(chain.answers()).containsExactly("1 Q", "2 Q", "3 Q", "4 Q", "3 Q", "4 Q");
    }
  }

  @Test
  void oldRoundsMakeRoomForALongQuestion() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> prompt.split("U:", -1).length - 1 + "")) {
      Script script = new Script("c");
      chain.play(
          script.started(Mode.SPEECH_TO_TEXT),
          script.text("x".repeat(120)),
          script.text("y".repeat(120)),
          script.text("z".repeat(120)));
      assertThat(chain.answers()).containsExactly("1", "2", "2");
    }
  }

  @Test
  void questionsAskedTogetherAreAnsweredOneAfterTheOther() throws Exception {
    try (Chain chain = Chain.open(bundle, FakeModel.ECHO)) {
      Script script = new Script("c");
      chain.send(script.started(Mode.SPEECH_TO_SPEECH), script.text("a"), script.text("b"));
      chain.settle();
      chain.play(script.closed());
      assertThat(chain.answers()).containsExactly("1 A", "2 B");
      assertThat(chain.speech.stream().map(SpeechResponse::getTurn).distinct().toList())
          .containsExactly(0, 1);
      assertThat(chain.text.stream().map(TextResponse::getTurn).toList()).isSorted();
      assertNumbered(chain);
    }
  }

  @Test
  void aToolIsCalledAndItsResultAnswered() throws Exception {
    FakeModel model =
        prompt ->
            prompt.contains("R:")
                ? "It is " + prompt.substring(prompt.indexOf("R:") + 2, prompt.indexOf(';'))
                : "Wait <call>{\"name\": \"balance\", \"arguments\": {\"of\": \"Ann\"}}</call>";
    try (Chain chain = Chain.open(bundle, model)) {
      Script script = new Script("c");
      chain.play(
          script.event(
              Script.settings(Mode.SPEECH_TO_SPEECH)
                  .setTools(List.of("{\"name\": \"balance\"}"))
                  .build()),
          script.text("how much"));
      assertThat(chain.bodies(ToolCall.class))
          .containsExactly(new ToolCall("call-0-0", "balance", "{\"of\":\"Ann\"}"));
      assertThat(chain.bodies(TurnCompleted.class).get(0).getFinishReason())
          .isEqualTo(FinishReason.TOOL_CALL);
      assertThat(chain.answers()).containsExactly("Wait ");

      chain.play(script.result("call-0-0", "ten pounds"));
      assertThat(chain.answers()).containsExactly("Wait ", "It is ten pounds");
      assertThat(chain.failures()).isEmpty();
      assertNumbered(chain);
    }
  }

  @Test
  void transcriptionWritesWhatWasSaidAndForgetsIt() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> prompt.split("U:", -1).length + " said ")) {
      Script script = new Script("c");
      chain.play(
          script.started(Mode.TRANSCRIPTION),
          script.audio(400),
          script.ended(),
          script.audio(400),
          script.ended(),
          script.text("written"));
      assertThat(chain.bodies(InputTranscript.class))
          .extracting(InputTranscript::getText)
          .containsExactly("2 said", "2 said");
      assertThat(chain.failures()).containsExactly(FailureCodes.NOTHING_TO_TRANSCRIBE);
    }
  }

  @Test
  void theInputIsTranscribedBesideTheAnswer() throws Exception {
    FakeModel model = prompt -> prompt.startsWith("S:transcribe") ? "what was said" : "answer";
    try (Chain chain = Chain.open(bundle, model)) {
      Script script = new Script("c");
      chain.play(
          script.event(Script.settings(Mode.SPEECH_TO_SPEECH).setTranscribeInput(true).build()),
          script.audio(2400),
          script.ended(),
          script.text("written questions have none"),
          script.audio(400),
          script.ended());
      assertThat(chain.bodies(InputTranscript.class)).hasSize(2);
      assertThat(chain.answers()).containsExactly("answer", "answer", "answer");
      assertNumbered(chain);
    }
  }

  @Test
  void silenceEndsTurnsWhereTheCallerWantsIt() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> "heard")) {
      Script script = new Script("c");
      chain.play(script.event(Script.silence(400).build()), script.audio(3000, 0));
      assertThat(chain.answers()).isEmpty();
      chain.play(script.audio(800), script.audio(300, 0));
      assertThat(chain.answers()).isEmpty();
      chain.play(script.audio(300, 0));
      assertThat(chain.answers()).containsExactly("heard");
      chain.play(script.audio(700, 0), script.audio(500), script.audio(500, 0));
      assertThat(chain.answers()).containsExactly("heard", "heard");
      // 0.5 s of lead-in, 0.8 s of speech, 0.4 s of quiet.
      assertThat(chain.bodies(TurnCompleted.class).get(0).getUsage().getAudioGroups())
          .isBetween(8, 9);
    }
  }

  @Test
  void theCallerGetsTheFormatAskedFor() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> "yes")) {
      Script script = new Script("c");
      chain.play(
          script.event(
              Script.settings(Mode.SPEECH_TO_SPEECH)
                  .setOutputFormat(Script.format("mulaw", 8000))
                  .build()),
          script.text("hi"));
      assertThat(chain.speech).allMatch(piece -> piece.getFormat().getEncoding().equals("mulaw"));
      assertSeamless(chain.speech, 8);
      assertThat(chain.bodies(TurnCompleted.class).get(0).getAudioMillis()).isEqualTo(600);
    }
  }

  @Test
  void anAnswerIsAsLongAsAllowed() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> "x".repeat(500))) {
      Script script = new Script("c");
      chain.play(script.started(Mode.SPEECH_TO_TEXT), script.text("hi"), script.text("again"));
      assertThat(chain.bodies(TurnCompleted.class))
          .allMatch(completed -> completed.getFinishReason() == FinishReason.LENGTH)
          .allMatch(completed -> completed.getText().length() == 64);
    }
  }

  @Test
  void nothingIsKeptAfterTheEnd() throws Exception {
    try (Chain chain = Chain.open(bundle, FakeModel.ECHO)) {
      Script script = new Script("c");
      chain.send(
          script.event(Script.settings(Mode.SPEECH_TO_SPEECH).setTranscribeInput(true).build()),
          script.audio(2500),
          script.ended(),
          script.audio(300),
          script.closed());
      chain.settle();
      assertThat(chain.answers()).hasSize(1);
      assertThat(chain.host.open).isEmpty();
      assertThat(chain.kept()).isEqualTo(1); // the ended conversation is remembered for a while
      chain.advance(Duration.ofSeconds(61));
      assertThat(chain.kept()).isZero();
    }
  }

  /** Sequence numbers count from 0 without gaps in every turn of every conversation. */
  static void assertNumbered(Chain chain) {
    chain.text.stream()
        .collect(
            Collectors.groupingBy(
                response -> response.getConversationId() + " " + response.getTurn(),
                Collectors.mapping(TextResponse::getSequence, Collectors.toList())))
        .forEach(
            (turn, numbers) ->
                assertThat(numbers)
                    .as(turn)
                    .containsExactlyElementsOf(
                        LongStream.range(0, numbers.size()).boxed().toList()));
  }

  /** Pieces of one answer without gaps, the last one marked. */
  static void assertSeamless(List<SpeechResponse> pieces, int bytesPerMillisecond) {
    long bytes = 0;
    for (int i = 0; i < pieces.size(); i++) {
      assertThat(pieces.get(i).getSequence()).isEqualTo(i);
      assertThat(pieces.get(i).getOffsetMillis()).isEqualTo(bytes / bytesPerMillisecond);
      assertThat(pieces.get(i).getLast()).isEqualTo(i == pieces.size() - 1);
      bytes += pieces.get(i).getBytes().remaining();
    }
    assertThat(bytes).isPositive();
  }

  @Test
  void textKeepsItsOrderWhileTheAnswerBeforeIsSpoken() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> "one two three four")) {
      Script script = new Script("c");
      chain.send(script.started(Mode.SPEECH_TO_SPEECH), script.text("a"), script.text("b"));
      chain.settle();
      assertThat(chain.text.stream().filter(text -> text.getTurn() == 1).toList())
          .extracting(TextResponse::getSequence)
          .isSorted();
      assertThat(chain.deltas()).isEqualTo("one two three fourone two three four");
    }
  }

  @Test
  void aTurnThatSilenceEndedIsNotEndedTwice() throws Exception {
    try (Chain chain = Chain.open(bundle, prompt -> "heard")) {
      Script script = new Script("c");
      chain.play(
          script.event(Script.silence(400).build()),
          script.audio(810),
          script.audio(500, 0),
          script.ended(),
          script.audio(810),
          script.ended(),
          script.ended());
      assertThat(chain.answers()).containsExactly("heard", "heard");
      assertThat(chain.failures()).isEmpty();
    }
  }
}
