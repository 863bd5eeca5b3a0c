package io.antiphon.operators.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.calls.AnalysisSettings;
import io.antiphon.analytics.calls.CallJson;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.TextSource;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.rules.RuleSetReader;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.SpeechDetector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What is heard of a call, however its sound comes. */
class CallListeningTest {
  private static final int RATE = SpeechDetector.SAMPLE_RATE;

  /** Loud windows are speech. */
  private static final class LevelDetector implements SpeechDetector {
    @Override
    public Stream open() {
      return new LevelStream();
    }

    @Override
    public Stream restore(float[] state) {
      throw new UnsupportedOperationException("not asked for");
    }
  }

  private static final class LevelStream implements SpeechDetector.Stream {
    private float[] rest = new float[0];

    @Override
    public float[] append(float[] samples) {
      float[] all = Arrays.copyOf(rest, rest.length + samples.length);
      System.arraycopy(samples, 0, all, rest.length, samples.length);
      float[] probabilities = new float[all.length / SpeechDetector.WINDOW];
      for (int window = 0; window < probabilities.length; window++) {
        float loudest = 0;
        for (int i = 0; i < SpeechDetector.WINDOW; i++) {
          loudest = Math.max(loudest, Math.abs(all[window * SpeechDetector.WINDOW + i]));
        }
        probabilities[window] = loudest > 0.05 ? 1 : 0;
      }
      rest = Arrays.copyOfRange(all, probabilities.length * SpeechDetector.WINDOW, all.length);
      return probabilities;
    }

    @Override
    public float[] state() {
      return rest;
    }
  }

  /** Words that tell exactly which samples were heard, the first of them where sound begins. */
  private static List<Word> heard(float[] samples) {
    int silent = 0;
    while (silent < samples.length - 1 && Math.abs(samples[silent]) < 1e-3) {
      silent++;
    }
    int begin = silent / 16;
    List<Word> words = new ArrayList<>();
    words.add(new Word("heard", begin, begin + 1));
    words.add(new Word(Integer.toString(samples.length), begin + 1, begin + 1));
    words.add(new Word("x" + Integer.toHexString(Arrays.hashCode(samples)), begin + 1, begin + 2));
    return words;
  }

  private static CallStart start() {
    return new CallStart(
        "call",
        -1,
        List.of(
            new Participant("", Participant.AGENT, 0),
            new Participant("", Participant.CUSTOMER, 1)),
        new TreeMap<>());
  }

  private static CallListening listener(RuleSet rules, Transcriber transcriber) {
    return listener(rules, transcriber, null);
  }

  private static CallListening listener(
      RuleSet rules, Transcriber transcriber, Summarizer summarizer) {
    return new CallListening(
        start(), AnalysisSettings.DEFAULT, rules, new LevelDetector(), transcriber, summarizer);
  }

  private static float[] channel(int seconds, long seed, Interval... talk) {
    float[] samples = new float[seconds * RATE + 77];
    Random random = new Random(seed);
    for (Interval each : talk) {
      for (long i = each.beginMillis() * 16; i < each.endMillis() * 16; i++) {
        samples[(int) i] = (float) (random.nextGaussian() * 0.1);
      }
    }
    return samples;
  }

  private static final List<float[]> CALL =
      List.of(
          channel(
              60,
              1,
              new Interval(320, 3200),
              new Interval(9600, 12800),
              new Interval(30016, 59008)),
          channel(60, 2, new Interval(4000, 8000), new Interval(12000, 16000)));

  @Test
  void anyCutAnyInterleavingAndLateTextsGiveTheSameBytes() throws Exception {
    RuleSet rules =
        RuleSetReader.read(
            "{\"version\":\"1\",\"categories\":[{\"name\":\"silence\",\"when\":{\"silence\":"
                + "{\"longerThanMillis\":5000}}},{\"name\":\"heard\",\"when\":{\"said\":"
                + "{\"phrases\":[\"heard *\"],\"by\":\"CUSTOMER\"}}}]}");
    CallListening whole =
        listener(
            rules, (name, samples, timed) -> CompletableFuture.completedFuture(heard(samples)));
    whole.audio(0, CALL.get(0));
    whole.audio(1, CALL.get(1));
    CallSummary expected = whole.end("ended", "model");
    assertThat(expected.categories()).extracting("name").containsExactly("silence", "heard");
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      List<Runnable> late = new CopyOnWriteArrayList<>();
      CallListening cut =
          listener(
              rules,
              (name, samples, timed) -> {
                CompletableFuture<List<Word>> text = new CompletableFuture<>();
                late.add(() -> text.complete(heard(samples)));
                return text;
              });
      int[] at = new int[2];
      while (at[0] < CALL.get(0).length || at[1] < CALL.get(1).length) {
        int channel = random.nextInt(2);
        int to = Math.min(CALL.get(channel).length, at[channel] + random.nextInt(5 * RATE));
        cut.audio(channel, Arrays.copyOfRange(CALL.get(channel), at[channel], to));
        at[channel] = to;
        if (random.nextInt(4) == 0) {
          late.forEach(Runnable::run);
        }
      }
      // What ends with the call is asked for and answered at once: nobody could answer it later.
      late.forEach(Runnable::run);
      CompletableFuture<CallSummary> summary =
          CompletableFuture.supplyAsync(() -> cut.end("ended", "model"));
      while (!summary.isDone()) {
        List.copyOf(late).forEach(Runnable::run);
        Thread.onSpinWait();
      }
      assertThat(CallJson.write(summary.get())).isEqualTo(CallJson.write(expected));
    }
  }

  @Test
  void segmentsAreExactToTheWindowAndLongOnesAreCut() {
    CallListening listener =
        listener(
            RuleSet.NONE,
            (name, samples, timed) -> CompletableFuture.completedFuture(heard(samples)));
    listener.audio(0, CALL.get(0));
    listener.audio(1, CALL.get(1));
    CallSummary summary = listener.end("ended", "model");
    assertThat(summary.figures().durationMillis()).isEqualTo(60_005);
    assertThat(summary.figures().interruptions())
        .extracting(each -> each.byChannel() + " " + each.overlap())
        .containsExactly("1 " + new Interval(12_000, 12_800 - 8));
    List<TranscriptSegment> agent =
        summary.transcript().stream().filter(each -> each.channel() == 0).toList();
    assertThat(agent.get(0).interval()).isEqualTo(new Interval(320, 3200 - 8));
    assertThat(agent.get(agent.size() - 1).interval().endMillis()).isEqualTo(59_008 - 8);
    assertThat(agent)
        .allSatisfy(each -> assertThat(each.interval().lengthMillis()).isLessThanOrEqualTo(20_000));
    // 250 ms on either side are heard with an utterance.
    assertThat(agent.get(0).text()).startsWith("heard");
    assertThat(agent.get(0).words().get(0)).isEqualTo(new Word("heard", 320, 321));
    assertThat(agent.get(1).words().get(0).beginMillis())
        .isEqualTo(agent.get(1).interval().beginMillis());
    assertThat(summary.model()).isEqualTo("model");
  }

  @Test
  void aTextThatFailsCostsItsUtteranceOnly() {
    CallListening listener =
        listener(
            RuleSet.NONE,
            (name, samples, timed) ->
                name.equals("call 1-0")
                    ? CompletableFuture.failedFuture(new IllegalStateException("too long"))
                    : CompletableFuture.completedFuture(Transcriber.words("hello")));
    listener.audio(0, CALL.get(0));
    listener.audio(1, CALL.get(1));
    CallSummary summary = listener.end("ended", "model");
    assertThat(summary.failedUtterances()).isEqualTo(1);
    assertThat(summary.transcript()).hasSizeGreaterThan(3);
  }

  @Test
  void whoeverSummarizesReadsTheWholeCall() {
    Transcriber transcriber =
        (name, samples, timed) ->
            CompletableFuture.completedFuture(Transcriber.words("my pin is 4711"));
    CallSummary written = summarized(transcriber, "\"my pin is [NUMBER]\"");
    assertThat(written.text()).isEqualTo("6 times \"my pin is [NUMBER]\"");
    assertThat(written.textSource()).isEqualTo(TextSource.MODEL);
    assertThat(written.omittedSegments()).isEqualTo(1);
    assertThat(written.model()).isEqualTo("model");
    CallSummary failed = summarized(transcriber, "");
    assertThat(failed.text()).startsWith("The call lasted 1 min.");
    assertThat(failed.textSource()).isEqualTo(TextSource.TEMPLATE);
  }

  private static CallSummary summarized(Transcriber transcriber, String text) {
    CallListening listener =
        listener(
            RuleSet.NONE,
            transcriber,
            (name, transcript) ->
                text.isEmpty()
                    ? CompletableFuture.failedFuture(new IllegalStateException("no text"))
                    : CompletableFuture.completedFuture(
                        Optional.of(
                            new WrittenSummary(
                                transcript.stream()
                                        .filter(each -> text.contains(each.text()))
                                        .count()
                                    + " times "
                                    + text,
                                1))));
    listener.audio(0, CALL.get(0));
    listener.audio(1, CALL.get(1));
    return listener.end("ended", "model");
  }

  @Test
  void aHostThatEndedIsTold() {
    CallListening listener =
        listener(
            RuleSet.NONE,
            (name, samples, timed) ->
                CompletableFuture.failedFuture(new HostClosedException("closed")));
    assertThatThrownBy(
            () -> {
              listener.audio(0, CALL.get(0));
              listener.audio(1, CALL.get(1));
              listener.end("ended", "model");
            })
        .isInstanceOf(HostClosedException.class);
  }
}
