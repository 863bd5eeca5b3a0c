package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.client.Answer;
import io.antiphon.client.Caller;
import io.antiphon.client.Pace;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.Sampling;
import io.antiphon.schemas.TurnEnded;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * How many bytes a conversation of the shipped model has in Flink's checkpoints, which hold the
 * whole state each. Prints what it measures.
 */
class StateSizeITCase {
  private static final int SPEECH_MINUTE = 350_000;
  private static final int ANSWER_MINUTE = 20_000;
  private static final int RATE = 16_000;
  private static final int SPEECH_RATE = 24_000;
  private static final int MOST_POSITIONS = 40;
  private static final int ATTEMPTS = 20;
  private static final double LONG_MINUTES = 0.1;

  private static final CheckpointSizes SIZES = new CheckpointSizes();

  private static NanoService nano;

  @BeforeAll
  static void start() {
    // Answers are made little faster than they are heard: many checkpoints are made meanwhile.
    nano =
        NanoService.start(
            SIZES,
            Map.of(
                "dataflow.flink.execution.checkpointing.interval",
                "100ms",
                "model.maximumLead",
                "1s"));
  }

  @AfterAll
  static void stop() {
    nano.close();
  }

  @Test
  void aMinuteOfTheCallersSpeech() throws Exception {
    try (Caller caller = nano.call(Mode.SPEECH_TO_SPEECH)) {
      caller.speak(speech(4), Pace.IMMEDIATE);
      long before = SIZES.settled();
      caller.speak(speech(60), Pace.IMMEDIATE);
      long minute = SIZES.settled() - before;
      System.out.printf("caller's speech: %d bytes of state a minute%n", minute);
      assertThat(minute).isBetween(SPEECH_MINUTE / 2L, (long) SPEECH_MINUTE);
    }
  }

  /**
   * What grows with an answer is what checkpoints near its end hold more than those near its
   * beginning; the rest is the detokenizer's, of which there is one for each answer under way.
   */
  @Test
  void aMinuteOfAnAnswer() throws Exception {
    long seed = 0;
    Spoken answer;
    do {
      seed++;
      answer = answer(seed);
    } while (answer.minutes() < LONG_MINUTES && seed < ATTEMPTS);
    assertThat(answer.minutes()).as("minutes of the longest answer").isGreaterThan(LONG_MINUTES);
    double minute = answer.grown() / answer.minutes();
    System.out.printf(
        "answer: %.0f bytes of state a minute while it is made (%.1f s: from %d to %d)%n",
        minute, 60 * answer.minutes(), answer.smallest(), answer.largest());
    assertThat(minute).isBetween(ANSWER_MINUTE / 10.0, (double) ANSWER_MINUTE);
  }

  @Test
  void whatIsNotRememberedTakesNoState() throws Exception {
    int history;
    try (ModelHost host = ModelHosts.acquire(nano.configuration().model().hostSettings())) {
      history = host.bundle().manifest().prompt().orElseThrow().historyTurns();
    }
    long before = SIZES.settled();
    long full = 0;
    long late;
    short[] question = Samples.recording(Samples.questions().get(0));
    try (Caller caller =
        nano.call("long", NanoService.starting(Mode.SPEECH_TO_TEXT).setTools(List.of()).build())) {
      for (int turn = 0; turn < 2 * history; turn++) {
        caller.speak(question, Pace.IMMEDIATE);
        caller.ask(new TurnEnded(), piece -> {});
        // With one more than the number half of them leave.
        if (turn == history - 1 || turn == history) {
          full = Math.max(full, SIZES.settled() - before);
        }
      }
      late = SIZES.settled() - before;
    }
    long ended = SIZES.settled() - before;
    System.out.printf(
        "%d turns and one, of %.1f s: at most %d bytes of state, after %d turns: %d, ended: %d%n",
        history, question.length / (double) RATE, full, 2 * history, late, ended);
    // Texts of answers are of different length.
    assertThat(late).isBetween(1L, full + full / 10);
    assertThat(ended).isLessThan(500);
  }

  /** An answer, and its state in checkpoints made while it was, over that of its question. */
  private record Spoken(double minutes, long smallest, long largest) {
    long grown() {
      return largest - smallest;
    }
  }

  /**
   * One question after the other. Speech is drawn so hot that it often does not end when the text
   * does.
   */
  private static Spoken answer(long seed) throws Exception {
    Sampling hot =
        Sampling.newBuilder()
            .setTextTemperature(0.0)
            .setSpeechTemperature(10.0)
            .setSpeechTopP(1.0)
            .setSeed(seed)
            .setMaximumNewPositions(MOST_POSITIONS)
            .build();
    ConversationStarted start =
        NanoService.starting(Mode.SPEECH_TO_SPEECH).setTools(List.of()).setSampling(hot).build();
    try (Caller caller = nano.call("answer-" + seed, start)) {
      int number = (int) (seed % Samples.questions().size());
      caller.speak(Samples.recording(Samples.questions().get(number)), Pace.IMMEDIATE);
      long question = SIZES.settled();
      Answer answer = caller.ask(new TurnEnded(), piece -> {});
      long[] more = SIZES.completed().stream().mapToLong(size -> size - question).toArray();
      long largest = Arrays.stream(more).max().orElse(0);
      // Before and after the answer checkpoints hold far less.
      long smallest = Arrays.stream(more).filter(size -> 2 * size > largest).min().orElse(0);
      return new Spoken(answer.speech().length / (60.0 * SPEECH_RATE), smallest, largest);
    }
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
