package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.calls.AnalysisSettings;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.figures.Interruption;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.operators.calls.CallListening;
import io.antiphon.runtime.Device;
import io.antiphon.runtime.detection.SileroDetector;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Prints the table of lines in {@code docs/analytics.md}: figures and edges of ten generated calls
 * against what is true of them. No test of a build; {@code -Dit.test=CallFiguresMeasurement} runs
 * it, a minute a line.
 */
class CallFiguresMeasurement {
  private static final int FIRST_SEED = 100;
  private static final int CALLS = 10;
  private static final int SECONDS = 120;

  /** How far beside a turn an utterance still belongs to it. */
  private static final long BESIDE_MILLIS = 300;

  private static final long INTERRUPTION_MILLIS = 690;

  /** A voice that is silent for longer does not talk meanwhile, and cannot be interrupted. */
  private static final int BREAK_MILLIS = 300;

  /** Who falls silent sooner was not interrupted. */
  private static final int LEAST_OVERLAP_MILLIS = 500;

  private static final int STEP = GeneratedCall.RATE / 100;
  private static final double AUDIBLE = 0.01;

  private long talk;
  private long trueTalk;
  private long nonTalk;
  private long trueNonTalk;
  private int planned;
  private int found;
  private int invented;
  private int turns;
  private final List<Long> begins = new ArrayList<>();
  private final List<Long> ends = new ArrayList<>();

  /**
   * @param noise level of white noise on both channels in dBFS; 0 for none
   * @param leak how far below a voice the other channel hears it in dB, negative; 0 for none
   */
  @ParameterizedTest
  @CsvSource({
    "clean, 0, 0",
    "noise −50 dBFS, -50, 0",
    "noise −45 dBFS, -45, 0",
    "noise −35 dBFS, -35, 0",
    "leak −30 dB, 0, -30",
    "'noise −45 dBFS, leak −30 dB', -45, -30"
  })
  void ofALine(String name, double noise, double leak) throws IOException {
    for (int seed = FIRST_SEED; seed < FIRST_SEED + CALLS; seed++) {
      GeneratedCall call = new GeneratedCall(Path.of("../samples"), seed, SECONDS, noise, leak);
      float[][] voices = new float[2][];
      GeneratedCall clean = new GeneratedCall(Path.of("../samples"), seed, SECONDS, 0, 0);
      for (int channel = 0; channel < 2; channel++) {
        voices[channel] = clean.telephone(channel);
      }
      judge(call, voices, listen(call));
    }
    System.out.printf(
        "| %s | %+.1f %% | %+.1f %% | %d / %d / %d | %d ms | %d ms | %d of %d turns%n",
        name,
        100.0 * (talk - trueTalk) / trueTalk,
        100.0 * (nonTalk - trueNonTalk) / trueNonTalk,
        found,
        invented,
        planned,
        within95(begins),
        within95(ends),
        begins.size(),
        turns);
    assertThat(turns).isGreaterThan(10 * CALLS);
  }

  /** By the detector alone: what was said has no words. */
  private static CallSummary listen(GeneratedCall call) {
    CallListening listening =
        new CallListening(
            new CallStart(
                "call",
                Instant.EPOCH.toEpochMilli(),
                List.of(
                    new Participant("", Participant.AGENT, 0),
                    new Participant("", Participant.CUSTOMER, 1)),
                new TreeMap<>()),
            AnalysisSettings.DEFAULT,
            RuleSet.NONE,
            new SileroDetector(new OnnxSessions(Device.CPU, 1, false)),
            (each, samples, timed) -> CompletableFuture.completedFuture(List.of()),
            null);
    for (int channel = 0; channel < 2; channel++) {
      listening.audio(channel, call.telephone(channel));
    }
    return listening.end("ended", "");
  }

  /**
   * @param voices what the channels carry without noise and leak
   */
  private void judge(GeneratedCall call, float[][] voices, CallSummary summary) {
    talk += summary.figures().talkMillis();
    trueTalk += call.talkMillis();
    nonTalk += summary.figures().nonTalk().stream().mapToLong(Interval::lengthMillis).sum();
    trueNonTalk += call.nonTalkMillis();
    turns += call.turns().size();
    List<Interruption> left = new ArrayList<>(summary.figures().interruptions());
    long before = 0;
    for (GeneratedCall.Turn turn : call.turns()) {
      long begin = turn.begin() * 1000L / GeneratedCall.RATE;
      long end = turn.end() * 1000L / GeneratedCall.RATE;
      if (before - begin > INTERRUPTION_MILLIS) {
        boolean told =
            left.removeIf(
                each ->
                    each.byChannel() == turn.channel()
                        && Math.abs(each.overlap().beginMillis() - begin) < 2 * BESIDE_MILLIS);
        if (talksOn(turn.begin(), voices[1 - turn.channel()])) {
          planned++;
          found += told ? 1 : 0;
        }
      }
      before = end;
      List<Interval> heard =
          summary.transcript().stream()
              .filter(each -> each.channel() == turn.channel())
              .map(TranscriptSegment::interval)
              .filter(each -> each.endMillis() > begin - BESIDE_MILLIS)
              .filter(each -> each.beginMillis() < end + BESIDE_MILLIS)
              .toList();
      if (!heard.isEmpty()) {
        begins.add(Math.abs(heard.get(0).beginMillis() - begin));
        ends.add(Math.abs(heard.get(heard.size() - 1).endMillis() - end));
      }
    }
    invented += left.size();
  }

  /** Whether somebody talks from a sample on so long without a break that it can be interrupted. */
  private static boolean talksOn(int sample, float[] voice) {
    for (int at = sample; at <= sample + samples(LEAST_OVERLAP_MILLIS); at += STEP) {
      int from = at;
      while (from >= STEP && !audible(voice, from - STEP, from)) {
        from -= STEP;
      }
      int to = at;
      while (to + STEP <= voice.length && !audible(voice, to, to + STEP)) {
        to += STEP;
      }
      if (to - from > samples(BREAK_MILLIS)) {
        return false;
      }
    }
    return true;
  }

  private static int samples(int millis) {
    return millis * GeneratedCall.RATE / 1000;
  }

  private static boolean audible(float[] voice, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += voice[i] * voice[i];
    }
    return Math.sqrt(sum / (to - from)) > AUDIBLE;
  }

  private static long within95(List<Long> errors) {
    Collections.sort(errors);
    return errors.get(errors.size() * 95 / 100);
  }
}
