package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.analytics.Word;
import io.antiphon.operators.calls.CallSettings;
import io.antiphon.operators.calls.Summarizer;
import io.antiphon.operators.calls.Transcriber;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallInterval;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.HoldStarted;
import io.antiphon.schemas.Participant;
import io.antiphon.schemas.UnknownBody;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Live call analytics from records to records, with texts that come at any time. */
@Tag("slow")
class CallOperatorTest {
  /** With {@code -Dantiphon.write-serializers=DIR} the snapshot is written anew. */
  private static final Path WRITE =
      System.getProperty("antiphon.write-serializers") == null
          ? null
          : Path.of(System.getProperty("antiphon.write-serializers"));

  /** Records of the story in the stored snapshot: somebody talks, a text is awaited. */
  static final int STORED = 18;

  @TempDir static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  private static CallHarness open() throws Exception {
    return restore(null);
  }

  private static CallHarness restore(OperatorSubtaskState state) throws Exception {
    return restore(CallStory.TRANSCRIBER, null, state);
  }

  private static CallHarness restore(
      Transcriber transcriber, Summarizer summarizer, OperatorSubtaskState state) throws Exception {
    return new CallHarness(bundle, CallStory.RULES, transcriber, summarizer, state);
  }

  private static InboundRecord[] story(String call) {
    return CallStory.records(new Script(call)).toArray(InboundRecord[]::new);
  }

  private static CallSummary only(CallHarness calls) {
    assertThat(calls.summaries).hasSize(1);
    return calls.summaries.get(0);
  }

  @Test
  void aCallIsToldAsItWas() throws Exception {
    try (CallHarness calls = open()) {
      calls.send(story("c")).settle();
      assertThat(calls.deadLetters).isEmpty();
      CallSummary summary = only(calls);
      assertThat(summary.getEndReason()).isEqualTo("ENDED");
      assertThat(summary.getTenant()).isEqualTo("bank");
      assertThat(summary.getAttributes()).containsEntry("queue", "cards");
      assertThat(summary.getParticipants())
          .extracting(Participant::getParticipantId)
          .containsExactly("c-17", "a-3", "a-9");
      assertThat(summary.getFigures().getDurationMillis()).isEqualTo(23_200);
      assertThat(summary.getHolds())
          .extracting(CallInterval::getBeginMillis, CallInterval::getEndMillis)
          .containsExactly(tuple(8800L, 12_400L));
      assertThat(summary.getFigures().getHoldMillis()).isEqualTo(3600);
      assertThat(summary.getInterruptions())
          .extracting(CallInterval::getChannel)
          .containsExactly(1);
      assertThat(summary.getCategories())
          .extracting("name")
          .containsExactly("greeting", "waited", "cut off");
      assertThat(summary.getRuleVersion()).isEqualTo("7");
      assertThat(summary.getQuality().getLostMillis()).isZero();
      assertThat(calls.events)
          .extracting(CallEvent::getEventId)
          .contains(
              "CALL_STARTED",
              "INTERRUPTION-1-0",
              "HOLD-0",
              "RECORDING_PAUSE-0",
              "KEY-0",
              "PARTICIPANT-0",
              "CATEGORY-greeting",
              "CALL_ENDED");
    }
  }

  @Test
  void nothingThatIsToBeMaskedLeaves() throws Exception {
    try (CallHarness calls = open()) {
      calls.send(story("c")).settle();
      assertThat(calls.segments).hasSizeGreaterThan(5);
      assertThat(calls.segments.stream().filter(CallSegment::getLast))
          .allSatisfy(segment -> assertThat(segment.getText()).contains("[CARD]"));
      String everything = "" + calls.segments + calls.events + calls.metrics + calls.summaries;
      assertThat(everything).doesNotContain("four one").doesNotContain("\"4\"");
    }
  }

  /** Unredacted text leaves by a way of its own, and only for the whole utterance. */
  @Test
  void whatWasSaidLeavesUnmaskedByAWayOfItsOwn() throws Exception {
    try (CallHarness calls = open()) {
      calls.send(story("c")).settle();
      assertThat(calls.originals)
          .extracting(CallSegment::getSegmentId)
          .containsExactlyElementsOf(
              calls.segments.stream()
                  .filter(CallSegment::getLast)
                  .map(CallSegment::getSegmentId)
                  .toList());
      assertThat(calls.originals)
          .allSatisfy(segment -> assertThat(segment.getText()).contains("four one one"))
          .allSatisfy(segment -> assertThat(segment.getTenant()).isEqualTo("bank"));
    }
  }

  /** Figures every two seconds of media time, and partial texts, while the call lasts. */
  @Test
  void aRunningCallTellsWhereItStands() throws Exception {
    try (CallHarness calls = open()) {
      calls.send(story("c")).settle();
      for (int i = 0; i < calls.metrics.size(); i++) {
        CallMetrics metrics = calls.metrics.get(i);
        boolean last = i == calls.metrics.size() - 1;
        assertThat(metrics.getRevision()).isEqualTo(i);
        assertThat(metrics.getEnded()).isEqualTo(last);
        assertThat(metrics.getFigures().getDurationMillis())
            .isEqualTo(last ? 23_200 : 2000L * (i + 1));
        assertThat(metrics.getOnHold())
            .isEqualTo(!last && 2000 * (i + 1) > 8800 && 2000 * (i + 1) <= 12_400);
        assertThat(metrics.getAttributes()).containsEntry("queue", "cards");
      }
      CallMetrics last = calls.metrics.get(calls.metrics.size() - 1);
      assertThat(calls.metrics).hasSize(12);
      assertThat(last.getFigures()).isEqualTo(only(calls).getFigures());
      assertThat(last.getCategories()).containsExactly("greeting", "waited", "cut off");
      assertThat(calls.metrics.get(2).getCategories()).containsExactly("greeting");
      assertThat(calls.segments)
          .filteredOn(segment -> !segment.getLast())
          .isNotEmpty()
          .allSatisfy(
              segment ->
                  assertThat(segment.getText())
                      .startsWith("hello and good morning")
                      .doesNotContain("four"));
    }
  }

  /** A word whose time shows that it is whole is told at the first text that has it. */
  @Test
  void timedWordsAreToldOneTextEarlier() throws Exception {
    Map<String, Long> firsts = new TreeMap<>();
    for (boolean timed : new boolean[] {false, true}) {
      Transcriber counting =
          (name, samples, wanted) -> {
            List<Word> words = new ArrayList<>();
            for (int at = 0; at + 200 <= samples.length / 16; at += 200) {
              words.add(timed ? new Word("thanks", at, at + 200) : new Word("thanks", -1, -1));
            }
            return CompletableFuture.completedFuture(words);
          };
      try (CallHarness calls = new CallHarness(bundle, "", counting, null)) {
        calls.send(story("c")).settle();
        calls.segments.stream()
            .filter(segment -> segment.getSegmentId().equals("0-0"))
            .filter(segment -> segment.getRevision() == 0)
            .forEach(
                segment ->
                    firsts.put(
                        timed + " " + segment.getLast(),
                        segment.getEndMillis() - segment.getBeginMillis()));
      }
    }
    assertThat(firsts)
        .containsExactly(Map.entry("false false", 2000L), Map.entry("true false", 1000L));
  }

  /** The recogniser's times count from the utterance's first sample, also behind a restore. */
  @Test
  void wordsHaveTheirTimesInTheCall() throws Exception {
    Transcriber atTheFirstSound =
        (name, samples, timed) -> {
          int silent = 0;
          while (silent < samples.length - 1 && Math.abs(samples[silent]) < 1e-3) {
            silent++;
          }
          return CompletableFuture.completedFuture(
              List.of(new Word("hello", silent / 16, silent / 16 + 200)));
        };
    List<InboundRecord> records = List.of(story("c"));
    List<CallSegment> told;
    OperatorSubtaskState state;
    try (CallHarness calls = new CallHarness(bundle, "", atTheFirstSound, null)) {
      calls.send(records.subList(0, 80).toArray(InboundRecord[]::new));
      state = calls.snapshot();
      told = new ArrayList<>(calls.segments);
    }
    try (CallHarness calls = new CallHarness(bundle, "", atTheFirstSound, state)) {
      calls.send(records.subList(80, records.size()).toArray(InboundRecord[]::new)).settle();
      told.addAll(calls.segments);
    }
    assertThat(told).hasSizeGreaterThan(5);
    for (CallSegment segment : told.stream().filter(CallSegment::getLast).toList()) {
      assertThat(segment.getWords()).hasSize(1);
      assertThat(segment.getWords().get(0).getBeginMillis())
          .isBetween(segment.getBeginMillis() - 32, segment.getBeginMillis() + 32);
    }
  }

  /** What is said while nothing may be recorded is not heard even next to an utterance. */
  @Test
  void aPauseOfTheRecordingIsNeverHeard() throws Exception {
    List<float[]> heard = new ArrayList<>();
    try (CallHarness calls =
        new CallHarness(
            bundle,
            "",
            (name, samples, timed) -> {
              if (!name.contains("up to")) { // what was said so far comes again as a whole
                heard.add(samples);
              }
              return CompletableFuture.completedFuture(Transcriber.words("hello"));
            },
            null)) {
      calls.send(story("c")).settle();
    }
    // All that is said but for the hold, 9 to 12 s, and the pause, 19.4 to 20.2 s.
    int said = 16 * (2280 + 2200 + 1200 + 400 + 800 + 2100 + 2000 + 1400);
    int loud = 0;
    for (float[] utterance : heard) {
      for (float sample : utterance) {
        loud += Math.abs(sample) > 1e-3 ? 1 : 0;
      }
    }
    assertThat(loud).isLessThanOrEqualTo(said).isGreaterThan(said * 97 / 100);
  }

  @Test
  void restoredAfterEveryRecordIsUndisturbed() throws Exception {
    restoredAfterEveryRecord(CallStory.TRANSCRIBER, null, 0, 2);
  }

  @Test
  void restoredAfterEveryRecordWithASummaryOfTheModelToo() throws Exception {
    restoredAfterEveryRecord(CallStory.TRANSCRIBER, CallStory.SUMMARIZER, 2, 3);
  }

  @Test
  void restoredAfterEveryRecordWithTimedWordsToo() throws Exception {
    restoredAfterEveryRecord(CallStory.TIMED_TRANSCRIBER, null, 3, 4);
  }

  private static void restoredAfterEveryRecord(
      Transcriber transcriber, Summarizer summarizer, int first, int last) throws Exception {
    InboundRecord[] story = story("c");
    Map<String, String> undisturbed;
    CallSummary expected;
    try (CallHarness calls = restore(transcriber, summarizer, null)) {
      calls.send(story).settle();
      undisturbed = CallHarness.live(List.of(calls));
      expected = only(calls);
    }
    for (int seed = first; seed < last; seed++) {
      Random random = new Random(seed);
      List<CallHarness> lives = new ArrayList<>();
      List<CallSummary> committed = new ArrayList<>();
      CallHarness life = restore(transcriber, summarizer, null);
      for (int sent = 0; sent < story.length; sent++) {
        life.send(story[sent]).recognise(random.nextInt(3));
        OperatorSubtaskState state = life.snapshot();
        committed.addAll(life.summaries);
        // What comes after the checkpoint is lost, and comes again.
        if (sent + 1 < story.length) {
          life.send(story[sent + 1]);
        }
        life.recognise(random.nextInt(3)).close();
        lives.add(life);
        life = restore(transcriber, summarizer, state);
      }
      life.settle().close();
      lives.add(life);
      committed.addAll(life.summaries);
      assertThat(CallHarness.live(lives)).isEqualTo(undisturbed);
      assertThat(committed).containsExactly(expected);
    }
  }

  /**
   * State of any version goes on. With that of version 1, which did not keep how loud it was, what
   * was being said is told with the edges that it had.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theSameFromAStoredSnapshot(int version) throws Exception {
    List<InboundRecord> story = CallStory.records(new Script("c"));
    Map<String, String> undisturbed;
    CallSummary expected;
    try (CallHarness calls = open()) {
      calls.send(story.toArray(InboundRecord[]::new)).settle();
      undisturbed = CallHarness.live(List.of(calls));
      expected = only(calls);
    }
    try (CallHarness before = open()) {
      before.send(story.subList(0, STORED).toArray(InboundRecord[]::new)).recognise(1);
      OperatorSubtaskState written = before.snapshot();
      if (WRITE != null) {
        StoredSnapshots.write(
            List.of(written), Files.createDirectories(WRITE.resolve("snapshots-v3/calling")));
      }
      String name = "snapshots-v" + version + "/calling";
      CallHarness stored = restore(StoredSnapshots.read(name, 1).get(0));
      stored.recognise(1);
      OperatorSubtaskState migrated = stored.snapshot();
      stored.close();
      CallHarness after = restore(migrated);
      after.send(CallStory.behindStored(story.subList(STORED, story.size()))).settle().close();
      Map<String, String> live = CallHarness.live(List.of(before, stored, after));
      if (version > 1) {
        assertThat(live).isEqualTo(undisturbed);
        assertThat(only(after)).isEqualTo(expected);
      } else {
        assertThat(live.keySet()).isEqualTo(undisturbed.keySet());
        assertThat(only(after).getFigures().getTalkMillis())
            .isCloseTo(expected.getFigures().getTalkMillis(), within(8L));
      }
    }
  }

  @Test
  void anyCutOfTheSoundGivesTheSame() throws Exception {
    CallSummary expected;
    Map<String, String> live;
    try (CallHarness calls = open()) {
      Script script = new Script("c");
      calls.send(script.event(CallStory.two()));
      for (int channel = 0; channel < 2; channel++) {
        calls.send(script.event(CallStory.chunk(channel, 0, 16_000, -1)));
      }
      calls.send(script.event(new ConversationEnded())).settle();
      expected = only(calls);
      live = CallHarness.live(List.of(calls));
    }
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      try (CallHarness calls = open()) {
        Script script = new Script("c");
        calls.send(script.event(CallStory.two()));
        int[] at = new int[2];
        while (at[0] < 16_000 || at[1] < 16_000) {
          int channel = random.nextInt(2);
          int to = Math.min(16_000, at[channel] + random.nextInt(900));
          long offset = random.nextBoolean() ? -1 : at[channel];
          calls.send(script.event(CallStory.chunk(channel, at[channel], to, offset)));
          at[channel] = to;
          calls.recognise(random.nextInt(2));
        }
        calls.send(script.event(new ConversationEnded())).settle();
        assertThat(only(calls)).isEqualTo(expected);
        assertThat(CallHarness.live(List.of(calls))).isEqualTo(live);
      }
    }
  }

  /** Every call that began, whatever happens to its records, is summarised once. */
  @Test
  void asManySummariesAsCalls() throws Exception {
    for (int seed = 0; seed < 4; seed++) {
      Random random = new Random(seed);
      int begun = 6;
      List<List<InboundRecord>> calls = new ArrayList<>();
      for (int call = 0; call < begun; call++) {
        List<InboundRecord> records =
            new ArrayList<>(CallStory.records(new Script("call-" + call)));
        InboundRecord start = records.remove(0);
        records.removeIf(record -> random.nextInt(10) == 0);
        for (int i = 0; i + 1 < records.size(); i++) {
          if (random.nextInt(6) == 0) {
            records.add(i, records.remove(i + 1));
          }
        }
        records.add(0, start);
        if (random.nextInt(3) == 0) {
          records.subList(records.size() / 2, records.size()).clear();
        }
        calls.add(records);
      }
      CallHarness life = open();
      List<CallSummary> summaries = new ArrayList<>();
      while (calls.stream().anyMatch(records -> !records.isEmpty())) {
        List<InboundRecord> next = calls.get(random.nextInt(begun));
        if (!next.isEmpty()) {
          life.send(next.remove(0));
          if (random.nextInt(20) == 0) {
            life.advance(Duration.ofMillis(600));
          }
        }
        if (random.nextInt(40) == 0) {
          OperatorSubtaskState state = life.recognise(2).snapshot();
          summaries.addAll(life.summaries);
          life.close();
          life = restore(state);
        }
      }
      life.settle().advance(CallHarness.IDLE).settle().advance(CallHarness.IDLE);
      summaries.addAll(life.summaries);
      assertThat(life.stateBytesAfterSnapshot()).as("forgotten").isZero();
      life.close();
      assertThat(summaries)
          .as("seed " + seed)
          .extracting(CallSummary::getConversationId)
          .containsExactlyInAnyOrder("call-0", "call-1", "call-2", "call-3", "call-4", "call-5");
    }
  }

  @Test
  void endOfInputEndsEveryCall() throws Exception {
    try (CallHarness calls = open()) {
      Script script = new Script("c");
      calls.send(
          script.event(CallStory.two()),
          script.event(CallStory.chunk(0, 0, 4000, -1)),
          script.event(CallStory.chunk(1, 0, 4000, -1)),
          script.event(new HoldStarted(1, -1L)));
      calls.endInput().settle();
      assertThat(only(calls).getEndReason()).isEqualTo("END_OF_INPUT");
    }
  }

  /** Hold music is neither kept nor written down, and its figures take no room. */
  @Test
  void tenMinutesOfHoldTakeNoMoreStateThanOne() throws Exception {
    try (CallHarness calls = open()) {
      Script script = new Script("c");
      calls.send(script.event(CallStory.two()), script.event(new HoldStarted(0, -1L)));
      AudioChunk music = CallStory.chunk(0, 400, 2400, -1);
      AudioChunk silence = CallStory.chunk(1, 0, 2000, -1);
      long minute = 0;
      for (int second = 0; second < 600; second += 2) {
        calls.send(script.event(music), script.event(silence));
        minute = second == 60 ? calls.stateBytesAfterSnapshot() : minute;
      }
      assertThat(calls.segments).isEmpty();
      assertThat(calls.stateBytesAfterSnapshot()).isLessThan(minute + 64 * 1024);
      assertThat(calls.metrics.get(100).getAlerts()).containsExactly("HOLD");
      calls.send(script.event(new ConversationEnded()));
      assertThat(only(calls).getFigures().getHoldMillis()).isEqualTo(600_000);
    }
  }

  /** Where nothing but texts is wanted, what has been said is not kept. */
  @Test
  void anHourOfTalkTakesNoMoreStateThanFiveMinutesWhereTextsAloneAreWanted() throws Exception {
    try (CallHarness calls =
        new CallHarness(bundle, "", CallStory.TRANSCRIBER, null, CallSettings::withTextsAlone)) {
      Script script = new Script("c");
      calls.send(script.event(CallStory.two()));
      // The customer talks for 2.3 s, the agent for 2.1 s, and again.
      long early = 0;
      long most = 0;
      for (int turn = 0; turn < 700; turn++) {
        calls.send(
            script.event(CallStory.chunk(0, 0, 2600, -1)),
            script.event(CallStory.chunk(1, 0, 2600, -1)),
            script.event(CallStory.chunk(0, 2600, 5200, -1)),
            script.event(CallStory.chunk(1, 2600, 5200, -1)));
        calls.settle();
        long bytes = turn % 50 == 49 ? calls.stateBytesAfterSnapshot() : 0;
        early = turn < 100 ? Math.max(early, bytes) : early;
        most = Math.max(most, bytes);
      }
      // The last one goes on.
      assertThat(calls.segments.stream().filter(CallSegment::getLast).count()).isEqualTo(1399);
      assertThat(most).isLessThan(early + 1024);
    }
  }

  @Test
  void badRecordsBecomeDeadLettersAndHarmNothing() throws Exception {
    CallSummary expected;
    try (CallHarness calls = open()) {
      Script script = new Script("c");
      calls.send(
          script.event(CallStory.two()),
          script.event(CallStory.chunk(0, 0, 9000, -1)),
          script.event(CallStory.chunk(1, 0, 9000, -1)),
          script.event(new ConversationEnded()));
      expected = only(calls.settle());
    }
    try (CallHarness calls = open()) {
      Script script = new Script("c");
      calls.send(new Script("stranger").audio(20));
      calls.send(
          script.event(CallStory.two()),
          script.event(CallStory.chunk(0, 0, 4000, -1)),
          script.at(1, CallStory.chunk(0, 0, 4000, -1)),
          script.event(CallStory.two()),
          script.event(new AudioChunk(ByteBuffer.allocate(8), 2, -1L)),
          script.event(CallStory.chunk(0, 1000, 2000, 1000)),
          script.event(CallStory.chunk(0, 0, 100, 10_000_000)),
          script.event(new HoldStarted(7, -1L)),
          script.event(new UnknownBody("Later")),
          script.event(CallStory.chunk(1, 0, 4000, -1)),
          script.event(CallStory.chunk(0, 3000, 9000, 3000)),
          script.event(CallStory.chunk(1, 4000, 9000, -1)),
          script.event(new ConversationEnded()),
          script.event(CallStory.chunk(1, 9000, 9500, -1)));
      calls.settle();
      assertThat(calls.deadLetters)
          .extracting(DeadLetter::getCode)
          .containsExactly(
              "not-started",
              "duplicate",
              "already-started",
              "unsupported-event",
              "late-audio",
              "malformed-audio",
              "unsupported-event",
              "conversation-ended");
      CallSummary summary = only(calls);
      assertThat(summary.getQuality().getLateChunks()).isEqualTo(1);
      assertThat(summary.getQuality().getUnknownEvents()).isEqualTo(1);
      assertThat(summary.getFigures()).isEqualTo(expected.getFigures());
    }
  }

  @Test
  void aCallThatCannotBeListenedToIsSummarisedWithTheReason() throws Exception {
    try (CallHarness calls = open()) {
      calls.send(
          new Script("format")
              .event(CallStory.started(2).setInputFormat(new AudioFormat("mp3", 8000, 2)).build()),
          new Script("three").event(CallStory.started(3).build()),
          new Script("both")
              .event(
                  CallStory.started(2)
                      .setParticipants(
                          List.of(new Participant("", "AGENT", 1), new Participant("", " ", 1)))
                      .build()));
      assertThat(calls.summaries)
          .extracting(CallSummary::getConversationId, CallSummary::getEndReason)
          .containsExactly(
              tuple("format", "unsupported-audio-format"),
              tuple("three", "invalid-settings"),
              tuple("both", "invalid-settings"));
      assertThat(calls.deadLetters)
          .extracting(DeadLetter::getMessage)
          .satisfiesExactly(
              format -> assertThat(format).contains("encoding is \"mp3\""),
              three -> assertThat(three).contains("channels is 3, expected 1 to 2"),
              both -> assertThat(both).contains("participant.role is blank"));
    }
  }

  @Test
  void whoIsNotToldIsCustomerAndAgent() throws Exception {
    try (CallHarness calls = open()) {
      Script script = new Script("c");
      calls.send(script.event(CallStory.started(2).build()), script.event(new ConversationEnded()));
      assertThat(only(calls).getParticipants())
          .extracting(Participant::getRole)
          .containsExactly("CUSTOMER", "AGENT");
    }
  }

  @Test
  void lostRecordsAreCountedWithTheirTime() throws Exception {
    try (CallHarness calls = open()) {
      Script script = new Script("c");
      calls.send(
          script.event(CallStory.two()),
          script.event(CallStory.chunk(0, 0, 2000, 0)),
          script.event(CallStory.chunk(1, 0, 2000, 0)));
      script.skip(2);
      calls.send(
          script.event(CallStory.chunk(0, 4000, 9000, 4000)),
          script.event(CallStory.chunk(1, 4000, 9000, 4000)));
      calls.advance(Duration.ofSeconds(1));
      calls.send(script.event(new ConversationEnded())).settle();
      CallSummary summary = only(calls);
      assertThat(summary.getQuality().getLostChunks()).isEqualTo(2);
      assertThat(summary.getQuality().getLostMillis()).isEqualTo(4000);
      assertThat(summary.getFigures().getDurationMillis()).isEqualTo(9000);
    }
  }

  /** A party whose sound never comes does not hold the other one's up. */
  @Test
  void aChannelWithoutSoundIsSilentAfterHalfAMinute() throws Exception {
    try (CallHarness calls = open()) {
      Script script = new Script("c");
      calls.send(script.event(CallStory.two()));
      for (int at = 0; at < 40_000; at += 1000) {
        calls.send(script.event(CallStory.chunk(0, at, at + 1000, -1))).settle();
      }
      assertThat(calls.segments).extracting(CallSegment::getSegmentId).contains("0-0", "0-1");
      calls.send(script.event(new ConversationEnded())).settle();
      assertThat(only(calls).getQuality().getLostMillis()).isEqualTo(10_000);
      assertThat(calls.events).extracting(CallEvent::getEventId).contains("ALERT-1-SILENT");
    }
  }

  @Test
  void anUtteranceThatCannotBeRecognisedIsCounted() throws Exception {
    try (CallHarness calls =
        new CallHarness(
            bundle,
            "",
            (name, samples, timed) ->
                CompletableFuture.failedFuture(new IllegalStateException("no")),
            null)) {
      calls.send(story("c")).settle();
      assertThat(only(calls).getQuality().getSegmentsWithoutWords()).isGreaterThan(5);
      assertThat(only(calls).getRuleVersion()).isEqualTo("none");
    }
  }

  @Test
  void aHostThatEndedEndsTheTask() throws Exception {
    try (CallHarness calls =
        new CallHarness(
            bundle,
            "",
            (name, samples, timed) ->
                CompletableFuture.failedFuture(new HostClosedException("closed")),
            null)) {
      calls.send(story("c"));
      assertThatThrownBy(calls::settle).hasRootCauseMessage("closed");
    }
  }
}
