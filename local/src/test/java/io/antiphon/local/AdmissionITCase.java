package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.antiphon.client.Answer;
import io.antiphon.client.Caller;
import io.antiphon.client.ConversationException;
import io.antiphon.client.Pace;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TurnEnded;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.junit.jupiter.api.Test;

/** A service with two places, and what it reports of itself. */
class AdmissionITCase {
  private static final int REFUSED = 10;
  private static final int REFUSED_SECONDS = 20;
  private static final int RATE = 16_000;
  private static final int CHUNKS_PER_SECOND = 50;
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** The product's dataflow on a cluster whose metrics can be read. */
  private static final class Observed extends ObservedDataflow {
    private final InMemoryReporter reporter = InMemoryReporter.createWithRetainedMetrics();

    @Override
    public Configuration cluster() {
      return reporter.addToConfiguration(new Configuration());
    }

    /** The value of the metric whose name ends so. */
    double read(String name) {
      List<Metric> found =
          reporter.getMetricsByGroup().entrySet().stream()
              .flatMap(
                  group ->
                      group.getValue().entrySet().stream()
                          .filter(
                              metric ->
                                  group
                                      .getKey()
                                      .getMetricIdentifier(metric.getKey())
                                      .endsWith("." + name))
                          .map(Map.Entry::getValue))
              .toList();
      assertThat(found).as(name).hasSize(1);
      Metric metric = found.get(0);
      if (metric instanceof Gauge<?> gauge) {
        return ((Number) gauge.getValue()).doubleValue();
      }
      return metric instanceof Histogram histogram
          ? histogram.getCount()
          : ((Counter) metric).getCount();
    }
  }

  @Test
  void oneTooManyIsRefusedUntilAPlaceIsFreeAndTheOthersNoticeNothing() throws Exception {
    List<JsonNode> questions = Samples.questions();
    Observed observed = new Observed();
    try (NanoService nano = NanoService.start(observed, Map.of("model.admission.capacity", "2"))) {
      Caller first = nano.call(Mode.SPEECH_TO_SPEECH);
      Caller second = nano.call(Mode.SPEECH_TO_SPEECH);
      assertThat(say(first, questions.get(0)).text()).isEqualTo(expected(questions, 0));
      assertThat(say(second, questions.get(1)).text()).isEqualTo(expected(questions, 1));

      first.speak(Samples.recording(questions.get(2)), Pace.IMMEDIATE);
      ConversationException refused =
          catchThrowableOfType(ConversationException.class, () -> call(nano, questions.get(3)));
      assertThat(refused.code()).isEqualTo("refused");
      assertThat(refused)
          .hasMessageContaining("capacity: all 2 places are taken (try again in 5000 ms)");
      assertThat(first.ask(new TurnEnded(), piece -> {}).text()).isEqualTo(expected(questions, 2));
      assertThat(observed.read("modelHost.admission.conversations")).isEqualTo(2);
      assertThat(observed.read("modelHost.admission.refused")).isEqualTo(1);

      first.close();
      assertThat(untilAccepted(nano, questions.get(3)).text()).isEqualTo(expected(questions, 3));
      assertThat(say(second, questions.get(4)).text()).isEqualTo(expected(questions, 4));
      second.close();
      assertThat(nano.service().job().restarts()).isZero();
      everythingIsReported(nano, observed);
    }
  }

  /**
   * What refused callers send all the same neither keeps the source behind nor costs those who were
   * taken a single record.
   */
  @Test
  void refusedCallersDelayNobody() throws Exception {
    List<JsonNode> questions = Samples.questions();
    Observed observed = new Observed();
    try (NanoService nano = NanoService.start(observed, Map.of("model.admission.capacity", "1"));
        Caller taken = nano.call(Mode.SPEECH_TO_SPEECH)) {
      assertThat(say(taken, questions.get(0)).text()).isEqualTo(expected(questions, 0));
      short[] question = Samples.recording(questions.get(1));
      int middle = question.length / 2;
      taken.speak(Arrays.copyOf(question, middle), Pace.IMMEDIATE);
      for (int i = 0; i < REFUSED; i++) {
        nano.call(Mode.SPEECH_TO_SPEECH).speak(new short[REFUSED_SECONDS * RATE], Pace.IMMEDIATE);
      }
      taken.speak(Arrays.copyOfRange(question, middle, question.length), Pace.IMMEDIATE);
      assertThat(taken.ask(new TurnEnded(), piece -> {}).text()).isEqualTo(expected(questions, 1));

      // One producer and one partition: whatever the refused sent was read before that answer was
      // asked for.
      double sent = (double) REFUSED * REFUSED_SECONDS * CHUNKS_PER_SECOND;
      assertThat(observed.read("ignoredRecords")).isEqualTo(sent);
      assertThat(observed.read("modelHost.admission.refused")).isEqualTo(REFUSED);
      assertThat(observed.read("pendingRecords")).isZero();
      assertThat(nano.service().job().restarts()).isZero();
    }
  }

  private static void everythingIsReported(NanoService nano, Observed observed) {
    for (String positive :
        List.of(
            "modelHost.response.stepMillis.p50",
            "modelHost.response.batchSize.maximum",
            "modelHost.response.firstGroupMillis.p50",
            "modelHost.response.slackMillis.count",
            "modelHost.response.realTimeFactor",
            "modelHost.response.busyShare",
            "modelHost.response.prefilledPositions",
            "modelHost.encoder.callMillis.p50",
            "modelHost.encoder.batchSize.maximum",
            "modelHost.encoder.realTimeFactor",
            "modelHost.detokenizer.callMillis.p50",
            "modelHost.detokenizer.batchSize.maximum",
            "modelHost.detokenizer.realTimeFactor",
            "modelHost.memory.slabBytes",
            "modelHost.admission.admitted",
            "modelHost.admission.capacity",
            "modelHost.admission.load",
            "encodedMillis",
            "prefilledMillis",
            "firstTextMillis",
            "firstSpeechTokensMillis",
            "firstAudioMillis",
            "completedMillis")) {
      assertThat(observed.read(positive)).as(positive).isPositive();
    }
    for (String atRest :
        List.of(
            "modelHost.encoder.queueDepth",
            "modelHost.detokenizer.queueDepth",
            "modelHost.response.waitingForRow",
            "modelHost.response.rowsUsed",
            "modelHost.response.replayDivergences",
            "ignoredRecords")) {
      assertThat(observed.read(atRest)).as(atRest).isNotNegative();
    }
  }

  private static Answer untilAccepted(NanoService nano, JsonNode question) throws Exception {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try {
        return call(nano, question);
      } catch (ConversationException e) {
        if (!e.code().equals("refused") || System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }

  private static Answer call(NanoService nano, JsonNode question)
      throws ConversationException, InterruptedException {
    try (Caller caller = nano.call(Mode.SPEECH_TO_SPEECH)) {
      return say(caller, question);
    }
  }

  private static Answer say(Caller caller, JsonNode question)
      throws ConversationException, InterruptedException {
    caller.speak(Samples.recording(question), Pace.IMMEDIATE);
    return caller.ask(new TurnEnded(), piece -> {});
  }

  private static String expected(List<JsonNode> questions, int index) {
    return Samples.expected(questions.get(index));
  }
}
