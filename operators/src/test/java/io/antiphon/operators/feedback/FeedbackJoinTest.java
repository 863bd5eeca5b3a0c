package io.antiphon.operators.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.Feedback;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.schemas.ToolCall;
import io.antiphon.serde.Records;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Turns and what somebody thought of them, in any order. */
class FeedbackJoinTest {
  private static final Duration RETENTION = Duration.ofHours(1);

  private final List<PreferencePair> pairs = new ArrayList<>();
  private final List<DeadLetter> refused = new ArrayList<>();

  /** A run of the join that may be broken off and go on from its snapshot. */
  private final class Run implements AutoCloseable {
    private KeyedTwoInputStreamOperatorTestHarness<
            String, InboundRecord, InboundRecord, PreferencePair>
        harness;

    Run() throws Exception {
      open(null);
    }

    private void open(OperatorSubtaskState state) throws Exception {
      harness =
          new KeyedTwoInputStreamOperatorTestHarness<>(
              new KeyedCoProcessOperator<>(new FeedbackJoin(RETENTION)),
              record -> new String(record.key(), StandardCharsets.UTF_8),
              record -> new String(record.key(), StandardCharsets.UTF_8),
              Types.STRING);
      harness.setup(
          AvroSerializers.PREFERENCE_PAIR.createSerializer(
              harness.getExecutionConfig().getSerializerConfig()));
      if (state != null) {
        harness.initializeState(state);
      }
      harness.open();
    }

    Run turn(CompletedTurn turn, long time) throws Exception {
      harness.processElement1(record("completed-turns", "c", turn, time), time);
      return take();
    }

    Run feedback(Feedback feedback, long time) throws Exception {
      harness.processElement2(record("feedback", "c", feedback, time), time);
      return take();
    }

    Run until(Duration time) throws Exception {
      harness.processBothWatermarks(new Watermark(time.toMillis()));
      return take();
    }

    Run again() throws Exception {
      OperatorSubtaskState state = harness.snapshot(1, 1);
      harness.close();
      open(state);
      return this;
    }

    private Run take() {
      for (Object next = harness.getOutput().poll();
          next != null;
          next = harness.getOutput().poll()) {
        if (next instanceof StreamRecord<?> record) {
          pairs.add((PreferencePair) record.getValue());
        }
      }
      Queue<StreamRecord<DeadLetter>> letters = harness.getSideOutput(DeadLetters.TAG);
      while (letters != null && !letters.isEmpty()) {
        refused.add(letters.poll().getValue());
      }
      return this;
    }

    int kept() {
      return harness.numKeyedStateEntries();
    }

    @Override
    public void close() throws Exception {
      harness.close();
    }
  }

  private static InboundRecord record(String topic, String key, SpecificRecord value, long time) {
    return new InboundRecord(
        topic, 0, time, time, key.getBytes(StandardCharsets.UTF_8), Records.encode(value));
  }

  private static CompletedTurn turn(int number, String question, String text) {
    return CompletedTurn.newBuilder()
        .setConversationId("c")
        .setTenant("t")
        .setTurn(number)
        .setTime(Instant.EPOCH)
        .setQuestionType("WRITTEN")
        .setQuestion(question)
        .setText(text)
        .setTextIds(List.of(1, 2, number))
        .build();
  }

  private static Feedback feedback(int turn, int rating, String preferred) {
    return Feedback.newBuilder()
        .setConversationId("c")
        .setTurn(turn)
        .setTime(Instant.ofEpochMilli(5))
        .setRating(rating)
        .setComment("because")
        .setPreferredText(preferred)
        .build();
  }

  @Test
  void whatSomebodyWroteStandsAgainstTheAnswerInEitherOrder() throws Exception {
    CompletedTurn turn = turn(3, "two and two", "Five.");
    Feedback feedback = feedback(3, -1, " Four. ");
    try (Run first = new Run();
        Run second = new Run()) {
      first.turn(turn, 1).again().feedback(feedback, 2);
      second.feedback(feedback, 1).again().turn(turn, 2);
    }
    assertThat(refused).isEmpty();
    assertThat(pairs).hasSize(2);
    assertThat(pairs.get(1)).isEqualTo(pairs.get(0));
    PreferencePair pair = pairs.get(0);
    assertThat(pair.getSource()).isEqualTo("PREFERRED_TEXT");
    assertThat(pair.getTenant()).isEqualTo("t");
    assertThat(pair.getQuestion()).isEqualTo("two and two");
    assertThat(pair.getChosen().getText()).isEqualTo("Four.");
    assertThat(pair.getChosen().getTurn()).isNull();
    assertThat(pair.getRejected().getText()).isEqualTo("Five.");
    assertThat(pair.getRejected().getTextIds()).containsExactly(1, 2, 3);
    assertThat(pair.getComment()).isEqualTo("because");
    assertThat(pair.getTime()).isEqualTo(Instant.ofEpochMilli(5));
  }

  @Test
  void theBetterRatedOfTwoAnswersToOneQuestionIsChosen() throws Exception {
    try (Run run = new Run()) {
      run.turn(turn(0, "two and two", "Five."), 1)
          .turn(turn(1, "three and three", "Six."), 2)
          .turn(turn(2, "two and two", "Four."), 3)
          .feedback(feedback(0, -1, null), 4)
          .feedback(feedback(1, 1, null), 5)
          .again()
          .feedback(feedback(2, 1, null), 6);
    }
    assertThat(pairs).hasSize(1);
    assertThat(pairs.get(0).getSource()).isEqualTo("RATINGS");
    assertThat(pairs.get(0).getChosen().getTurn()).isEqualTo(2);
    assertThat(pairs.get(0).getRejected().getTurn()).isEqualTo(0);
  }

  @Test
  void aPairCarriesTheInstructionsThatBothAnswersWereGivenUnder() throws Exception {
    try (Run run = new Run()) {
      run.turn(turn(0, "two and two", "Five."), 1)
          .turn(instructed(turn(1, "two and two", "Six."), "Be brief."), 2)
          .turn(instructed(turn(2, "two and two", "Four."), "Be brief."), 3)
          .feedback(feedback(0, -1, null), 4)
          .feedback(feedback(1, -1, "It is four."), 5)
          .feedback(feedback(2, 1, null), 6);
    }
    assertThat(pairs).extracting(PreferencePair::getInstructions).containsOnly("Be brief.");
    assertThat(pairs)
        .extracting(pair -> pair.getChosen().getText() + " " + pair.getRejected().getText())
        .containsExactly("It is four. Six.", "Four. Six.");
  }

  @Test
  void aPairCarriesTheToolsThatBothAnswersWereGivenWith() throws Exception {
    List<String> ring = List.of("{\"name\": \"ring\", \"parameters\": {}}");
    try (Run run = new Run()) {
      run.turn(turn(0, "two and two", "Five."), 1)
          .turn(offered(turn(1, "two and two", "Six."), List.of()), 2)
          .turn(offered(turn(2, "two and two", "Seven."), ring), 3)
          .turn(offered(turn(3, "two and two", "Four."), ring), 4)
          .feedback(feedback(0, -1, null), 5)
          .feedback(feedback(1, -1, "It is four."), 6)
          .feedback(feedback(2, -1, null), 7)
          .feedback(feedback(3, 1, null), 8);
    }
    assertThat(pairs)
        .extracting(pair -> pair.getChosen().getText() + " " + pair.getRejected().getText())
        .containsExactly("It is four. Six.", "Four. Seven.");
    assertThat(pairs).extracting(PreferencePair::getTools).containsExactly(List.of(), ring);
  }

  @Test
  void answersThatCallDifferentToolsMakeAPairThoughTheySayNothing() throws Exception {
    try (Run run = new Run()) {
      run.turn(calling(turn(0, "ring anna", ""), "1", "anna"), 1)
          .turn(calling(turn(1, "ring anna", ""), "2", "anna"), 2)
          .turn(calling(turn(2, "ring anna", ""), "3", "hannah"), 3)
          .feedback(feedback(0, 1, null), 4)
          .feedback(feedback(1, -1, null), 5)
          .feedback(feedback(2, -1, null), 6);
    }
    assertThat(pairs)
        .extracting(pair -> pair.getChosen().getTurn() + " " + pair.getRejected().getTurn())
        .containsExactly("0 2");
  }

  private static CompletedTurn calling(CompletedTurn turn, String callId, String whom) {
    return CompletedTurn.newBuilder(turn)
        .setToolCalls(List.of(new ToolCall(callId, "ring", "{\"who\": \"" + whom + "\"}")))
        .build();
  }

  private static CompletedTurn offered(CompletedTurn turn, List<String> tools) {
    return CompletedTurn.newBuilder(turn).setTools(tools).build();
  }

  private static CompletedTurn instructed(CompletedTurn turn, String instructions) {
    return CompletedTurn.newBuilder(turn).setInstructions(instructions).build();
  }

  @Test
  void theSameFeedbackTwiceMakesOnePairAndAnotherOneAnother() throws Exception {
    try (Run run = new Run()) {
      run.turn(turn(0, "two and two", "Five."), 1)
          .feedback(feedback(0, -1, "Four."), 2)
          .feedback(feedback(0, -1, "Four."), 3)
          .feedback(feedback(0, -1, "It is four."), 4)
          .feedback(feedback(0, 1, "Five."), 5)
          .turn(turn(0, "two and two", "Five."), 6);
    }
    assertThat(pairs)
        .extracting(pair -> pair.getChosen().getText())
        .containsExactly("Four.", "It is four.");
  }

  @Test
  void feedbackWithoutItsTurnOrAboutAFailureIsADeadLetter() throws Exception {
    CompletedTurn failed =
        CompletedTurn.newBuilder(turn(1, "hello", ""))
            .setFailure(new ConversationFailed("silent-turn", "nothing was heard", false, -1L))
            .build();
    try (Run run = new Run()) {
      run.feedback(feedback(7, 1, null), 1)
          .turn(failed, 2)
          .feedback(feedback(1, -1, "Hello."), 3)
          .until(RETENTION.plusMillis(10));
      assertThat(run.kept()).isZero();
    }
    assertThat(pairs).isEmpty();
    assertThat(refused)
        .extracting(DeadLetter::getCode)
        .containsExactly("no-answer", "unknown-turn");
    assertThat(refused.get(0).getMessage()).contains("turn 1 failed with silent-turn");
    assertThat(refused.get(1).getTopic()).isEqualTo("feedback");
    assertThat(Records.decode(Feedback.class, refused.get(1).getValue().array(), 1 << 20).getTurn())
        .isEqualTo(7);
  }

  @Test
  void aTurnIsKeptForItsRetentionAndNoLonger() throws Exception {
    try (Run run = new Run()) {
      run.turn(turn(0, "two and two", "Five."), 10)
          .until(RETENTION)
          .again()
          .feedback(feedback(0, -1, "Four."), RETENTION.toMillis());
      assertThat(pairs).hasSize(1);
      run.until(RETENTION.plusMillis(10));
      assertThat(run.kept()).isZero();
      run.feedback(feedback(0, -1, "It is four."), RETENTION.toMillis() + 11)
          .until(RETENTION.multipliedBy(3));
      assertThat(run.kept()).isZero();
    }
    assertThat(pairs).hasSize(1);
    assertThat(refused).extracting(DeadLetter::getCode).containsExactly("unknown-turn");
  }

  @Test
  void aPairThatIsTooLargeLosesItsIdsAndSaysSo() {
    CompletedTurn large =
        CompletedTurn.newBuilder(turn(0, "q", "Five."))
            .setSpeechIds(IntStream.range(0, 400_000).boxed().toList())
            .build();
    PreferencePair pair = PreferencePairs.written(large, feedback(0, -1, "Four.")).orElseThrow();
    assertThat(Records.encode(pair, Integer.MAX_VALUE))
        .hasSizeLessThanOrEqualTo(PreferencePairs.MAXIMUM_BYTES);
    assertThat(pair.getRejected().getText()).isEqualTo("Five.");
    assertThat(pair.getTruncations())
        .extracting(note -> note.getField() + " " + note.getOmitted())
        .containsExactly("rejected.textIds 3", "rejected.speechIds 400000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "d|0|1|Yes.|invalid-key",
        "c|-1|1|Yes.|turn is -1, expected 0 or more",
        "c|0|2|Yes.|rating is 2, expected -1, 0 or 1",
        "c|0|1|' '|preferredText is blank, expected a text or null"
      })
  void feedbackThatCannotBeUsedIsADeadLetterWithItsReason(
      String key, int turn, int rating, String preferred, String reason) throws Exception {
    try (OneInputStreamOperatorTestHarness<InboundRecord, InboundRecord> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(FeedbackDataflow.feedback(1 << 20)))) {
      harness.open();
      harness.processElement(record("feedback", key, feedback(turn, rating, preferred), 1), 1);
      harness.processElement(record("feedback", "c", feedback(0, 0, null), 2), 2);
      assertThat(harness.extractOutputValues())
          .extracting(InboundRecord::offset)
          .containsExactly(2L);
      assertThat(harness.getSideOutput(DeadLetters.TAG))
          .singleElement()
          .satisfies(
              letter ->
                  assertThat(letter.getValue().getCode() + ": " + letter.getValue().getMessage())
                      .contains(reason));
    }
  }
}
