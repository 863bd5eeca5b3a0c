package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.IncompatibleBundleException;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A chain that dies anywhere and is restored says the same as one that never died. */
@Tag("slow")
class RecoveryTest {
  /** With {@code -Dantiphon.write-serializers=DIR} the snapshots are written anew. */
  private static final Path WRITE =
      System.getProperty("antiphon.write-serializers") == null
          ? null
          : Path.of(System.getProperty("antiphon.write-serializers"));

  private static final int TURNS = 7;

  @TempDir static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  static List<StateBackend> backends() {
    return List.of(new HashMapStateBackend(), new EmbeddedRocksDBStateBackend(true));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void theSameWhereverItDies(StateBackend backend) throws Exception {
    List<InboundRecord> story = Story.records();
    Map<String, String> undisturbed;
    try (Chain chain = Chain.open(bundle, Story.MODEL)) {
      chain.send(story.toArray(InboundRecord[]::new)).settle();
      undisturbed = Story.kept(List.of(chain));
      assertThat(chain.answers()).hasSize(TURNS);
      assertThat(chain.completedTurns).hasSize(TURNS);
    }
    assertThat(undisturbed).hasSizeGreaterThan(100);
    // One backend dies everywhere; the other shows here and there that it keeps the same.
    int step = backend instanceof HashMapStateBackend ? 1 : 3;
    for (int pieces = 0; pieces < 400; pieces += 19 * step) {
      assertThat(Story.kept(dying(backend, story, story.size(), pieces)))
          .as("after " + pieces + " pieces of work")
          .isEqualTo(undisturbed);
    }
    for (int sent = 0; sent < story.size(); sent += step) {
      assertThat(Story.kept(dying(backend, story, sent, 5)))
          .as("after " + sent + " records")
          .isEqualTo(undisturbed);
    }
  }

  /** Snapshot after so many records and pieces of work, some more work that is lost, restore. */
  private static List<Chain> dying(
      StateBackend backend, List<InboundRecord> story, int sent, int pieces) throws Exception {
    Chain first = Chain.on(backend, bundle, Story.MODEL, null);
    first.send(story.subList(0, sent).toArray(InboundRecord[]::new)).work(pieces);
    List<OperatorSubtaskState> states = first.snapshot();
    first.work(11);
    first.close();
    Chain second = Chain.on(backend, bundle, Story.MODEL, states);
    second.send(story.subList(sent, story.size()).toArray(InboundRecord[]::new)).settle();
    second.close();
    // What was committed before is not made again, and nothing else is missing.
    assertThat(first.committedTurns().size() + second.completedTurns.size())
        .as("turns after " + sent + " records and " + pieces + " pieces of work")
        .isEqualTo(TURNS);
    return List.of(first, second);
  }

  @Test
  void afterACheckpointTheSameLifeGoesOn() throws Exception {
    try (Chain chain = Chain.open(bundle, Story.MODEL);
        Chain checked = Chain.open(bundle, Story.MODEL)) {
      List<InboundRecord> story = Story.records();
      chain.send(story.toArray(InboundRecord[]::new)).settle();
      for (InboundRecord record : story) {
        checked.send(record).work(3);
        checked.snapshot();
      }
      checked.settle();
      assertThat(Story.kept(List.of(checked))).isEqualTo(Story.kept(List.of(chain)));
    }
  }

  /** State of version 1, from which every later version goes on. */
  @ParameterizedTest
  @CsvSource({"listening, 0, 5, 30", "answering, 6, 10, 45"})
  void theSameFromAStoredSnapshot(String name, int settled, int sent, int pieces) throws Exception {
    List<InboundRecord> story = Story.records();
    Map<String, String> undisturbed;
    try (Chain chain = Chain.open(bundle, Story.MODEL)) {
      chain.send(story.subList(0, settled).toArray(InboundRecord[]::new)).settle();
      chain.send(story.subList(settled, story.size()).toArray(InboundRecord[]::new)).settle();
      undisturbed = Story.kept(List.of(chain));
    }
    Chain before = Chain.open(bundle, Story.MODEL);
    before.send(story.subList(0, settled).toArray(InboundRecord[]::new)).settle();
    before.send(story.subList(settled, sent).toArray(InboundRecord[]::new)).work(pieces);
    List<OperatorSubtaskState> written = before.snapshot(); // the one that is stored
    if (WRITE != null) {
      StoredSnapshots.write(
          written, Files.createDirectories(WRITE.resolve("snapshots-v1/" + name)));
    }
    before.close();
    Chain stored = Chain.restore(bundle, Story.MODEL, StoredSnapshots.read("snapshots-v1/" + name));
    // Written again by this version, and read again.
    List<OperatorSubtaskState> migrated = stored.work(3).snapshot();
    stored.close();
    Chain after = Chain.restore(bundle, Story.MODEL, migrated);
    after.send(story.subList(sent, story.size()).toArray(InboundRecord[]::new)).settle();
    after.close();
    Map<String, String> heard = new TreeMap<>(Story.kept(List.of(before)));
    heard.putAll(Story.kept(List.of(stored, after)));
    assertThat(heard).isEqualTo(undisturbed);
  }

  @Test
  void timersAndOrderSurvive() throws Exception {
    Script script = new Script("c");
    Chain first = Chain.open(bundle, Story.MODEL);
    first.play(script.started(Mode.SPEECH_TO_TEXT));
    script.skip(1);
    first.play(script.text("x"));
    List<OperatorSubtaskState> states = first.snapshot();
    first.close();
    try (Chain second = Chain.restore(bundle, Story.MODEL, states)) {
      assertThat(second.answers()).isEmpty();
      second.advance(Duration.ofMillis(600));
      assertThat(second.failures()).containsExactly(FailureCodes.SEQUENCE_GAP);
      assertThat(second.answers()).hasSize(1);
      second.advance(Duration.ofSeconds(61));
      assertThat(second.failures()).last().isEqualTo(FailureCodes.IDLE_TIMEOUT);
      assertThat(second.kept()).isZero();
      assertThat(second.host.open).isEmpty();
    }
  }

  @Test
  void aConversationHasOneTimerAfterAnyNumberOfRestores() throws Exception {
    Script script = new Script("c");
    Chain chain = Chain.open(bundle, Story.MODEL);
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    for (int life = 1; life <= 6; life++) {
      assertThat(chain.timers()).as("timers in life " + life).isEqualTo(1);
      List<OperatorSubtaskState> states = chain.snapshot();
      chain.close();
      chain = Chain.restore(bundle, Story.MODEL, states, Duration.ofSeconds(life));
      chain.play(script.text("life " + life));
    }
    chain.advance(Duration.ofSeconds(61));
    chain.advance(Duration.ofSeconds(61));
    assertThat(chain.timers()).isZero();
    assertThat(chain.kept()).isZero();
    chain.close();
  }

  @Test
  void anAnswerUnderWayThatFitsNoMoreRefusesByName() throws Exception {
    Script script = new Script("c");
    Chain first = Chain.open(bundle, Story.MODEL);
    first.play(script.started(Mode.SPEECH_TO_TEXT));
    first.send(script.text("x".repeat(200))).work(3);
    List<OperatorSubtaskState> states = first.snapshot();
    first.close();
    assertThatThrownBy(() -> new Chain(new FakeHost(bundle, 100, Story.MODEL), states))
        .isInstanceOf(IncompatibleBundleException.class)
        .hasMessageContaining("Conversation c")
        .hasMessageContaining("model.positionsPerRow and the bundle leave 100 positions");
  }
}
