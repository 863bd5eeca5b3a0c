package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.client.Answer;
import io.antiphon.client.Caller;
import io.antiphon.client.Pace;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.QuestionType;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.TurnEnded;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The job fails in the middle of answers: the caller gets the same words and the same audio, once,
 * and each turn is completed once.
 */
class RestartITCase {
  private static final int BOMBS = 3;
  private static final long PATIENCE_MILLIS = 20_000;
  private static final String QUESTION = "what is the capital of france";

  /** What failed and what was restarted is gone with the service as well. */
  @ParameterizedTest
  @CsvSource({"hashmap,false", "rocksdb,true"})
  void theAnswerGoesOnAsIfNothingHadHappened(String backend, boolean unaligned) throws Exception {
    ReferenceQueue<LocalService> freed = new ReferenceQueue<>();
    WeakReference<LocalService> closed = fail(backend, unaligned, freed);
    for (int collections = 0; collections < 30 && !closed.refersTo(null); collections++) {
      System.gc();
      freed.remove(1000);
    }
    assertThat(closed.refersTo(null)).as("freed").isTrue();
    for (Thread thread : kafkaThreads()) {
      thread.join(PATIENCE_MILLIS);
    }
    assertThat(kafkaThreads()).as("threads of Kafka's clients").isEmpty();
  }

  /** Of clients that somebody opened and nobody closed. */
  private static List<Thread> kafkaThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread -> thread.getName().matches("kafka-(admin-client|producer-network)-thread.*"))
        .toList();
  }

  private static WeakReference<LocalService> fail(
      String backend, boolean unaligned, ReferenceQueue<LocalService> freed) throws Exception {
    try (NanoService nano =
        NanoService.start(
            new Explosive(),
            Map.of(
                "dataflow.flink.execution.checkpointing.interval",
                "50ms",
                "dataflow.flink.restart-strategy.exponential-delay.initial-backoff",
                "50ms",
                "dataflow.flink.state.backend.type",
                backend,
                "dataflow.flink.execution.checkpointing.unaligned.enabled",
                Boolean.toString(unaligned)))) {
      Answer undisturbed = answer(nano, "undisturbed", 0);
      assertThat(undisturbed.speech()).isNotEmpty();
      assertThat(nano.service().job().restarts()).isZero();

      Answer disturbed = answer(nano, "disturbed", BOMBS);
      // Its answer is complete for the caller, and perhaps not committed.
      Explosive.explode(nano.client());
      assertThat(disturbed.text()).isEqualTo(undisturbed.text());
      assertThat(disturbed.usage()).isEqualTo(undisturbed.usage());
      assertThat(disturbed.speech()).isEqualTo(undisturbed.speech());

      write(nano, "after");
      assertThat(Explosive.explosions()).isEqualTo(BOMBS + 1);
      assertThat(nano.service().job().restarts()).isEqualTo(BOMBS + 1);
      Set<String> conversations = Set.of("undisturbed", "disturbed", "after");
      CompletedTurnReader.read(nano.configuration(), conversations);
      // All are committed; whatever would be written twice stands before what comes now.
      write(nano, "last");
      Map<String, CompletedTurn> turns =
          CompletedTurnReader.read(nano.configuration(), Set.of("last")).stream()
              .collect(
                  Collectors.toMap(CompletedTurn::getConversationId, turn -> turn)); // no duplicate
      assertThat(turns).containsOnlyKeys("undisturbed", "disturbed", "after", "last");
      assertSame(turns.get("undisturbed"), undisturbed);
      assertSame(turns.get("disturbed"), disturbed);
      assertThat(turns.get("after").getQuestionType()).isEqualTo(QuestionType.WRITTEN.name());
      assertThat(turns.get("after").getQuestion()).isEqualTo(QUESTION);
      return new WeakReference<>(nano.service(), freed);
    }
  }

  private static void write(NanoService nano, String conversation) throws Exception {
    try (Caller caller = nano.call(conversation, Mode.SPEECH_TO_TEXT)) {
      caller.ask(new TextMessage(QUESTION), piece -> {});
    }
  }

  private static void assertSame(CompletedTurn turn, Answer heard) {
    assertThat(turn.getTurn()).isZero();
    assertThat(turn.getQuestionType()).isEqualTo(QuestionType.SPOKEN.name());
    assertThat(turn.getQuestion()).isEqualTo(heard.transcript().orElseThrow());
    assertThat(turn.getToolCalls()).isEmpty();
    assertThat(turn.getText()).isEqualTo(heard.text());
    assertThat(turn.getUsage()).isEqualTo(heard.usage());
    assertThat(turn.getFinishReason()).isEqualTo(heard.finishReason().name());
    assertThat(turn.getAudioMillis()).isEqualTo(heard.speech().length / 24);
  }

  /** An answer during which the job fails so many times, each time after another piece of text. */
  private static Answer answer(NanoService nano, String conversation, int bombs) throws Exception {
    try (Caller caller =
        nano.call(
            conversation,
            NanoService.starting(Mode.SPEECH_TO_SPEECH).setTranscribeInput(true).build())) {
      caller.speak(Samples.recording(Samples.byId("add")), Pace.IMMEDIATE);
      AtomicInteger thrown = new AtomicInteger();
      return caller.ask(
          new TurnEnded(),
          piece -> {
            if (thrown.get() < bombs) {
              thrown.incrementAndGet();
              Explosive.explode(nano.client());
            }
          });
    }
  }
}
