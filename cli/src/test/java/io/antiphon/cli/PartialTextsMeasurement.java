package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.calls.AnalysisSettings;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.redaction.MaskedSpan;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.operators.calls.CallStream;
import io.antiphon.operators.calls.ModelTranscriber;
import io.antiphon.operators.calls.Transcriber;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.serde.audio.SampleCoding;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Prints the table of partial texts in {@code docs/analytics.md}: how much of a call is heard after
 * the end of a word until a text has it, partial or final, with nano, and what that costs. No test
 * of a build; {@code -Dit.test=PartialTextsMeasurement} runs it, and {@code -Dcalls=3} fewer calls.
 */
class PartialTextsMeasurement {
  private static final int FIRST_SEED = 100;
  private static final int CALLS = Integer.getInteger("calls", 10);
  private static final int SECONDS = 120;

  /** What a record of a telephone gateway holds. */
  private static final int CHUNK = GeneratedCall.RATE / 10;

  /**
   * @param interval of texts in milliseconds; 0 for none while an utterance goes on
   * @param timed whether words have times in them
   */
  @ParameterizedTest
  @CsvSource({"0, false", "2000, false", "1000, false", "1000, true", "500, false", "500, true"})
  void withTextsEvery(int interval, boolean timed) throws IOException {
    Result result = new Result();
    try (ModelHost host =
        ModelHosts.acquire(
            ModelHostSettings.defaults(Path.of("../models/nano"))
                .withParts(ModelHostSettings.Parts.TEXT))) {
      Transcriber transcriber = new ModelTranscriber(host);
      new Run(host, transcriber, timed, interval, FIRST_SEED - 1, new Result());
      long begin = processorNanos();
      for (int seed = FIRST_SEED; seed < FIRST_SEED + CALLS; seed++) {
        new Run(host, transcriber, timed, interval, seed, result);
      }
      result.processor = (processorNanos() - begin) / 1e9 / CALLS / SECONDS;
    }
    Collections.sort(result.late);
    System.out.printf(
        "| %d ms, %s | %d words, %.0f %% in a partial text | %d | %d | %d | %.2f %% | %.2f | %.1f ms%n",
        interval,
        timed ? "word times" : "two texts",
        result.late.size(),
        100.0 * result.early / result.late.size(),
        result.within(50),
        result.within(95),
        result.within(99),
        100.0 * result.changed / Math.max(1, result.early),
        (double) result.partialMillis / result.wholeMillis,
        1000 * result.processor);
    assertThat(result.late).hasSizeGreaterThan(10 * CALLS);
  }

  private static long processorNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static final class Result {
    /** For each word that is not masked, milliseconds from its end to the text that has it. */
    private final List<Long> late = new ArrayList<>();

    /** Words that a partial text had. */
    private int early;

    /** Those of them that are others in the final text. */
    private int changed;

    private long partialMillis;
    private long wholeMillis;

    /** Seconds of a processor for a second of a call. */
    private double processor;

    long within(int percent) {
      return late.get(late.size() * percent / 100);
    }
  }

  /** A call, each text of which is there before more is heard. */
  private static final class Run implements CallStream.Outlet {
    private record Asked(
        int channel, int number, long endMillis, long beginMillis, short[] samples) {}

    private record Told(String word, long millis) {}

    private final Result result;
    private final Deque<Asked> asked = new ArrayDeque<>();
    private final Map<String, List<Told>> told = new HashMap<>();
    private TranscriptSegment original;

    /** Media time up to which both channels were heard. */
    private long now;

    Run(
        ModelHost host,
        Transcriber transcriber,
        boolean timed,
        int interval,
        long seed,
        Result result)
        throws IOException {
      this.result = result;
      GeneratedCall call = new GeneratedCall(Path.of("../samples"), seed, SECONDS, 0, 0);
      CallStream stream =
          new CallStream(
              new CallStart(
                  "call",
                  0,
                  List.of(
                      new Participant("", Participant.AGENT, 0),
                      new Participant("", Participant.CUSTOMER, 1)),
                  new TreeMap<>()),
              AnalysisSettings.DEFAULT.live(0, interval),
              RuleSet.NONE,
              host.speechDetector(),
              this);
      float[][] sound = {call.telephone(0), call.telephone(1)};
      for (int at = 0; at + CHUNK <= sound[0].length; at += CHUNK) {
        now = (at + CHUNK) * 1000L / GeneratedCall.RATE;
        for (int channel = 0; channel < 2; channel++) {
          stream.audio(channel, Arrays.copyOfRange(sound[channel], at, at + CHUNK));
        }
        answer(stream, transcriber, timed);
      }
      stream.end("ended");
      answer(stream, transcriber, timed);
    }

    private void answer(CallStream stream, Transcriber transcriber, boolean timed) {
      while (!asked.isEmpty()) {
        Asked next = asked.poll();
        boolean whole = next.endMillis() == CallStream.WHOLE;
        if (whole) {
          result.wholeMillis += next.samples().length * 1000L / GeneratedCall.RATE;
        } else {
          result.partialMillis += next.samples().length * 1000L / GeneratedCall.RATE;
        }
        List<Word> words =
            transcriber
                .transcribe("utterance", SampleCoding.toFloats(next.samples()), whole || timed)
                .join();
        stream.text(
            next.channel(),
            next.number(),
            next.endMillis(),
            Transcriber.since(next.beginMillis(), words));
      }
    }

    @Override
    public void recognise(
        int channel, int number, long endMillis, long beginMillis, short[] samples) {
      asked.add(new Asked(channel, number, endMillis, beginMillis, samples));
    }

    @Override
    public void partial(Utterance soFar, int revision, String text) {
      List<Told> words =
          told.computeIfAbsent(soFar.channel() + "-" + soFar.number(), key -> new ArrayList<>());
      String[] all = text.split(" ");
      for (int i = words.size(); i < all.length; i++) {
        words.add(new Told(all[i], now));
      }
    }

    @Override
    public void original(TranscriptSegment segment) {
      original = segment;
    }

    @Override
    public void transcript(TranscriptSegment segment, int revision) {
      List<Told> before = told.getOrDefault(segment.channel() + "-" + segment.number(), List.of());
      List<Word> words = original.words();
      boolean[] masked = new boolean[words.size()];
      for (MaskedSpan span : segment.redactions()) {
        Arrays.fill(masked, span.firstWord(), span.endWord(), true);
      }
      for (int i = 0; i < words.size(); i++) {
        if (!masked[i] && words.get(i).timed()) {
          boolean early = i < before.size();
          result.late.add((early ? before.get(i).millis() : now) - words.get(i).endMillis());
          result.early += early ? 1 : 0;
          if (early && !before.get(i).word().equals(words.get(i).text())) {
            result.changed++;
          }
        }
      }
    }
  }
}
