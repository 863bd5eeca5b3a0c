package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.operators.message.InboundRecord;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.CallInterval;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.Insight;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.PlaybackAcknowledged;
import io.antiphon.schemas.RecordingPaused;
import io.antiphon.schemas.RecordingResumed;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.ToolResult;
import io.antiphon.serde.Records;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls that an agent of this house answers: two topics without an order between them, and the same
 * result in whatever order they come.
 */
class AnsweredCallTest {
  /** With {@code -Dantiphon.write-serializers=DIR} the snapshot is written anew. */
  private static final Path WRITE =
      System.getProperty("antiphon.write-serializers") == null
          ? null
          : Path.of(System.getProperty("antiphon.write-serializers"));

  /** Records of the call in the stored snapshot: an answer was heard that has not come. */
  private static final int STORED = 30;

  private static final int CHUNK_MILLIS = 200;
  private static final int END = 23_200;

  @TempDir static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  private static CallHarness open(OperatorSubtaskState state) throws Exception {
    return new CallHarness(bundle, CallStory.RULES, CallStory.TRANSCRIBER, state);
  }

  /** The caller's records: sound, what was heard of answers, the result of a tool. */
  private static List<InboundRecord> call(Script script) {
    Map<Integer, List<Object>> between =
        Map.of(
            5000, List.of(new PlaybackAcknowledged(0, 1800L)),
            // Heard in two pieces, and cut off by the caller, who began at 12.8 s.
            11_000, List.of(new PlaybackAcknowledged(1, 1000L)),
            13_600, List.of(new PlaybackAcknowledged(1, 3600L)),
            15_000, List.of(new ToolResult("call-2-0", "shipped")),
            16_400, List.of(new PlaybackAcknowledged(3, 1200L)),
            17_000, List.of(new PlaybackAcknowledged(1, 3900L)),
            21_600, List.of(new RecordingPaused(-1L)),
            22_800, List.of(new PlaybackAcknowledged(4, 800L), new RecordingResumed(-1L)));
    List<InboundRecord> records = new ArrayList<>();
    records.add(script.event(CallStory.started(1).setMode(Mode.SPEECH_TO_SPEECH).build()));
    for (int at = 0; at < END; at += CHUNK_MILLIS) {
      for (Object body : between.getOrDefault(at, List.of())) {
        records.add(script.event(body));
      }
      records.add(script.event(CallStory.chunk(0, at, at + CHUNK_MILLIS, -1)));
    }
    records.add(script.event(new ConversationEnded()));
    return records;
  }

  private static List<InboundRecord> answers(String call) {
    return List.of(
        answer(call, 0, "Good morning, your card ends with four one one one.", 1800),
        answer(call, 1, "We send the parcel to your door on Friday of the next week.", 5200),
        answer(call, 2, "", 0, new ToolCall("call-2-0", "order_status", "{}")),
        answer(call, 3, "It was shipped yesterday.", 1200),
        answer(call, 4, "This is said in a pause.", 800),
        answer(call, 0, "Never said.", 100));
  }

  private static InboundRecord answer(
      String call, int turn, String text, long audioMillis, ToolCall... calls) {
    return new InboundRecord(
        CallHarness.COMPLETED_TURNS,
        0,
        turn,
        0,
        Records.key(call),
        Records.encode(
            CompletedTurn.newBuilder()
                .setConversationId(call)
                .setTurn(turn)
                .setTime(Instant.EPOCH)
                .setText(text)
                .setAudioMillis(audioMillis)
                .setToolCalls(List.of(calls))
                .build(),
            Records.DEFAULT_MAXIMUM_BYTES));
  }

  /** Records of both topics, each in its own order. */
  private static List<InboundRecord> interleaved(
      List<InboundRecord> call, List<InboundRecord> answers, Random random) {
    List<Boolean> turns = new ArrayList<>(Collections.nCopies(call.size(), true));
    turns.addAll(Collections.nCopies(answers.size(), false));
    Collections.shuffle(turns, random);
    List<InboundRecord> all = new ArrayList<>();
    int fromCall = 0;
    int fromAnswers = 0;
    for (boolean ofCall : turns) {
      all.add(ofCall ? call.get(fromCall++) : answers.get(fromAnswers++));
    }
    return all;
  }

  private record Told(Map<String, String> live, CallSummary summary) {}

  private static Told told(List<InboundRecord> records) throws Exception {
    try (CallHarness calls = open(null)) {
      calls.send(records.toArray(InboundRecord[]::new)).settle();
      assertThat(calls.deadLetters).isEmpty();
      assertThat(calls.summaries).hasSize(1);
      return new Told(CallHarness.live(List.of(calls)), calls.summaries.get(0));
    }
  }

  @Test
  void whatTheAgentSaysIsTakenFromItsOwnRecords() throws Exception {
    try (CallHarness calls = open(null)) {
      calls.send(answers("c").toArray(InboundRecord[]::new));
      calls.send(call(new Script("c")).toArray(InboundRecord[]::new)).settle();
      assertThat(calls.segments.stream().filter(each -> each.getChannel() == 1))
          .extracting(
              CallSegment::getRole,
              CallSegment::getTurn,
              CallSegment::getBeginMillis,
              CallSegment::getEndMillis,
              CallSegment::getText)
          .containsExactly(
              tuple("AGENT", 0, 3200L, 5000L, "Good morning, your card ends with [NUMBER]"),
              tuple("AGENT", 1, 10_000L, 11_000L, "We send the"),
              tuple("AGENT", 1, 11_000L, 13_600L, "parcel to your door on"),
              tuple("AGENT", 3, 15_200L, 16_400L, "It was shipped yesterday."));
      CallSummary summary = calls.summaries.get(0);
      assertThat(summary.getFigures().getParticipants().get(1).getTalkMillis())
          .as("the pause is cut out")
          .isEqualTo(1800 + 3600 + 1200);
      assertThat(summary.getFigures().getParticipants().get(1).getSegments()).isEqualTo(3);
      assertThat(summary.getInterruptions())
          .as("the caller spoke over the agent, who stopped")
          .extracting(CallInterval::getChannel, CallInterval::getEndMillis)
          .containsExactly(tuple(0, 13_600L));
      assertThat(summary.getInsights())
          .filteredOn(each -> each.getKind().equals("OUTCOME"))
          .extracting(Insight::getText)
          .containsExactly("order_status");
      assertThat(calls.events)
          .as("one channel is heard, and both parties are known")
          .noneMatch(each -> each.getName().equals("MONO") || each.getName().equals("SILENT"));
      assertThat(calls.metrics)
          .extracting(CallMetrics::getRevision)
          .as("figures of each 2 s, and the last ones")
          .hasSize(END / 2000 + 1);
    }
  }

  @Test
  void anyOrderBetweenTheTopicsGivesTheSame() throws Exception {
    List<InboundRecord> call = call(new Script("c"));
    List<InboundRecord> answers = answers("c");
    List<InboundRecord> before = new ArrayList<>(answers);
    before.addAll(call);
    Told expected = told(before);
    List<InboundRecord> behind = new ArrayList<>(call);
    behind.addAll(answers);
    assertThat(told(behind)).isEqualTo(expected);
    for (int seed = 0; seed < 6; seed++) {
      assertThat(told(interleaved(call, answers, new Random(seed)))).isEqualTo(expected);
    }
  }

  @Test
  void restoredAfterEveryRecordIsUndisturbed() throws Exception {
    List<InboundRecord> call = call(new Script("c"));
    List<InboundRecord> answers = answers("c");
    List<InboundRecord> behind = new ArrayList<>(call);
    behind.addAll(answers);
    Told expected = told(behind);
    Random random = new Random(1);
    List<InboundRecord> records = interleaved(call, answers, random);
    List<CallHarness> lives = new ArrayList<>();
    List<CallSummary> committed = new ArrayList<>();
    CallHarness life = open(null);
    for (int sent = 0; sent < records.size(); sent++) {
      life.send(records.get(sent)).recognise(random.nextInt(3));
      OperatorSubtaskState state = life.snapshot();
      committed.addAll(life.summaries);
      if (sent + 1 < records.size()) {
        life.send(records.get(sent + 1)); // lost with the checkpoint, and comes again
      }
      life.close();
      lives.add(life);
      life = open(state);
    }
    life.settle().close();
    lives.add(life);
    committed.addAll(life.summaries);
    Map<String, String> all = CallHarness.live(lives);
    all.forEach((name, each) -> assertThat(each).as(name).isEqualTo(expected.live().get(name)));
    assertThat(all).hasSameSizeAs(expected.live());
    assertThat(committed).containsExactly(expected.summary());
  }

  /** State of any version of an answered call goes on, as {@link CallOperatorTest} says. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theSameFromAStoredSnapshot(int version) throws Exception {
    List<InboundRecord> call = call(new Script("c"));
    List<InboundRecord> behind = new ArrayList<>(call);
    behind.addAll(answers("c"));
    Told expected = told(behind);
    try (CallHarness before = open(null)) {
      before.send(call.subList(0, STORED).toArray(InboundRecord[]::new)).recognise(1);
      OperatorSubtaskState written = before.snapshot();
      if (WRITE != null) {
        StoredSnapshots.write(
            List.of(written), Files.createDirectories(WRITE.resolve("snapshots-v3/answered")));
      }
      String name = "snapshots-v" + version + "/answered";
      CallHarness after = open(StoredSnapshots.read(name, 1).get(0));
      List<InboundRecord> rest = new ArrayList<>(call.subList(STORED, call.size()));
      after.send(CallStory.behindStored(rest));
      after.send(answers("c").toArray(InboundRecord[]::new)).settle().close();
      Map<String, String> live = CallHarness.live(List.of(before, after));
      if (version > 1) {
        assertThat(live).isEqualTo(expected.live());
        assertThat(after.summaries).containsExactly(expected.summary());
      } else {
        assertThat(live.keySet()).isEqualTo(expected.live().keySet());
        assertThat(after.summaries).hasSize(1);
        assertThat(after.summaries.get(0).getFigures().getTalkMillis())
            .isCloseTo(expected.summary().getFigures().getTalkMillis(), within(8L));
      }
    }
  }

  /** An answer that was heard and is told of nowhere does not keep the call from its summary. */
  @Test
  void aMissingAnswerIsCounted() throws Exception {
    try (CallHarness calls = open(null)) {
      calls.send(call(new Script("c")).toArray(InboundRecord[]::new)).settle();
      calls.send(answers("c").get(1));
      assertThat(calls.summaries).isEmpty();
      calls.advance(CallHarness.IDLE);
      assertThat(calls.summaries.get(0).getQuality().getSegmentsWithoutWords()).isEqualTo(2);
      assertThat(calls.summaries.get(0).getFigures().getParticipants().get(1).getTalkMillis())
          .isEqualTo(1800 + 3600 + 1200);
      calls.advance(CallHarness.IDLE).advance(CallHarness.IDLE);
      assertThat(calls.stateBytesAfterSnapshot()).as("forgotten").isZero();
    }
    try (CallHarness calls = open(null)) {
      calls.send(call(new Script("c")).toArray(InboundRecord[]::new));
      assertThat(calls.endInput().summaries).hasSize(1);
    }
  }

  /** Answers wait for their call, but not for ever. */
  @Test
  void answersOfACallThatNeverBeginsAreForgotten() throws Exception {
    try (CallHarness calls = open(null)) {
      calls.send(answers("c").toArray(InboundRecord[]::new));
      calls.advance(Duration.ofMinutes(59));
      assertThat(calls.stateBytesAfterSnapshot()).isPositive();
      calls.advance(Duration.ofMinutes(2));
      assertThat(calls.stateBytesAfterSnapshot()).isZero();
    }
  }

  /** A report is believed as far as there was time for it. */
  @Test
  void aReportOfMoreThanWasPossibleIsCut() throws Exception {
    try (CallHarness calls = open(null)) {
      Script script = new Script("c");
      calls.send(
          script.event(CallStory.started(1).setMode(Mode.SPEECH_TO_SPEECH).build()),
          script.event(CallStory.chunk(0, 0, 2000, -1)),
          script.event(new PlaybackAcknowledged(-1, 700L)),
          script.event(new PlaybackAcknowledged(0, Long.MAX_VALUE)),
          script.event(new PlaybackAcknowledged(1, 100L)),
          script.event(new ConversationEnded()));
      calls.send(answer("c", 0, "Hello.", 300)).settle();
      assertThat(calls.summaries.get(0).getFigures().getParticipants().get(1).getTalkMillis())
          .isEqualTo(2000);
    }
  }
}
