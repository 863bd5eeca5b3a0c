package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.jobs.client.Caller;
import io.antiphon.jobs.client.Pace;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHosts;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TurnEnded;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CompletedCheckpointStats;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * How many bytes a conversation of the shipped model has in Flink's checkpoints, which hold the
 * whole state each. Prints what it measures.
 */
class StateSizeITCase {
  private static final int SPEECH_MINUTE = 350_000;
  private static final int RATE = 16_000;
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

  private static NanoService nano;

  @BeforeAll
  static void start() {
    nano = NanoService.start(new AgentDataflow(), Map.of("dataflow.checkpointInterval", "100ms"));
  }

  @AfterAll
  static void stop() {
    nano.close();
  }

  @Test
  void aMinuteOfTheCallersSpeech() throws Exception {
    try (Caller caller = nano.call(Mode.SPEECH_TO_SPEECH)) {
      caller.speak(speech(4), Pace.IMMEDIATE);
      long before = settled();
      caller.speak(speech(60), Pace.IMMEDIATE);
      long minute = settled() - before;
      System.out.printf("caller's speech: %d bytes of state a minute%n", minute);
      assertThat(minute).isBetween(SPEECH_MINUTE / 2L, (long) SPEECH_MINUTE);
    }
  }

  @Test
  void whatIsNotRememberedTakesNoState() throws Exception {
    int history;
    try (ModelHost host = ModelHosts.acquire(nano.configuration().model().hostSettings())) {
      history = host.bundle().manifest().prompt().orElseThrow().historyTurns();
    }
    long before = settled();
    long full = 0;
    long late = 0;
    short[] question = Samples.recording(Samples.questions().get(0));
    try (Caller caller =
        nano.call("long", NanoService.starting(Mode.SPEECH_TO_TEXT).setTools(List.of()).build())) {
      for (int turn = 0; turn < 2 * history; turn++) {
        caller.speak(question, Pace.IMMEDIATE);
        caller.ask(new TurnEnded(), piece -> {});
        late = settled() - before;
        // What is over the number leaves with the next question.
        if (turn <= history) {
          full = Math.max(full, late);
        }
      }
    }
    long ended = settled() - before;
    System.out.printf(
        "%d turns and one, of %.1f s: at most %d bytes of state, after %d turns: %d, ended: %d%n",
        history, question.length / (double) RATE, full, 2 * history, late, ended);
    // Texts of answers are of different length.
    assertThat(late).isBetween(1L, full + full / 10);
    assertThat(ended).isLessThan(500);
  }

  /** The size of a checkpoint when nothing changes any more. */
  private static long settled() throws InterruptedException {
    long[] last = {-1, 0};
    await(
        size -> {
          last[1] = size == last[0] ? last[1] + 1 : 0;
          last[0] = size;
          return last[1] == 6;
        });
    return last[0];
  }

  /** Hands the sizes of the next checkpoints to the test, one after the other, until it holds. */
  private static void await(LongPredicate test) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long known = -1;
    while (System.nanoTime() < deadline) {
      CompletedCheckpointStats next = statistics().getHistory().getLatestCompletedCheckpoint();
      if (next != null && next.getCheckpointId() != known) {
        known = next.getCheckpointId();
        if (test.test(next.getStateSize())) {
          return;
        }
      }
      TimeUnit.MILLISECONDS.sleep(10); // nobody tells when a checkpoint is complete
    }
    throw new AssertionError("the state does not settle");
  }

  private static CheckpointStatsSnapshot statistics() {
    return nano.service().job().checkpoints();
  }

  /** Recordings one after the other. */
  private static short[] speech(int seconds) {
    short[] speech = new short[seconds * RATE];
    List<short[]> recordings = Samples.questions().stream().map(Samples::recording).toList();
    int filled = 0;
    for (int i = 0; filled < speech.length; i++) {
      short[] next = recordings.get(i % recordings.size());
      int length = Math.min(next.length, speech.length - filled);
      System.arraycopy(next, 0, speech, filled, length);
      filled += length;
    }
    return speech;
  }
}
