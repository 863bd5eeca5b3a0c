package io.antiphon.analytics.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.SpeechEnergy;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.figures.Interruption;
import io.antiphon.analytics.redaction.PersonalData;
import io.antiphon.analytics.rules.CategoryMatch;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.analytics.rules.RuleSetReader;
import io.antiphon.analytics.script.CallScript;
import io.antiphon.analytics.script.CallScriptGenerator;
import io.antiphon.analytics.speech.SpeechFrame;
import io.antiphon.analytics.speech.Utterance;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Script → frames and a recogniser that knows the script → summary. */
@Tag("slow")
class CallAnalysisTest {
  private static final int FRAME = 32;
  private static final long MOMENT = 5000;

  private static final String RULES =
      """
      {"version": "3", "categories": [
        {"name": "cancel", "when": {"said": {"phrases": ["cancel my contract"], "by": "CUSTOMER"}}},
        {"name": "waited", "when": {"silence": {"longerThanMillis": 6000}}},
        {"name": "interrupted", "when": {"interruption": {"longerThanMillis": 600, "times": 2}}},
        {"name": "no offer", "when": {"notSaid": {"phrases": ["new contract"], "withinMillis": 30000}}}
      ]}
      """;

  @Test
  void theSummaryIsTheSameHoweverFramesAndTextsAreInterleaved() throws RuleSetException {
    RuleSet rules = RuleSetReader.read(RULES);
    for (int seed = 0; seed < 12; seed++) {
      CallScript script = CallScriptGenerator.script(seed, 25, 3);
      Run straight = new Run(script, rules, null);
      assertThat(straight.json).contains("\"callId\" : \"call-" + seed + "\"");
      for (int i = 0; i < 3; i++) {
        Run shuffled = new Run(script, rules, new Random(31L * seed + i));
        assertThat(shuffled.json).as("seed " + seed).isEqualTo(straight.json);
        assertThat(shuffled.segments).isEqualTo(straight.segments);
        assertThat(shuffled.partials).isEqualTo(straight.partials);
        assertThat(shuffled.moments).isEqualTo(straight.moments);
        assertThat(shuffled.categories)
            .containsExactlyInAnyOrderElementsOf(
                straight.summary.categories().stream().map(CategoryMatch::name).toList());
      }
    }
  }

  /**
   * Saved and loaded again and again, at any place: transcript, events and summary are the same.
   */
  @Test
  void theSummaryIsTheSameHoweverOftenItIsSavedAndLoaded() throws Exception {
    RuleSet rules = RuleSetReader.read(RULES);
    for (int seed = 0; seed < 8; seed++) {
      // What is saved grows with the call: those that are saved at every frame are short.
      boolean often = seed < 4;
      CallScript script = CallScriptGenerator.script(seed, often ? 6 : 25, often ? 1 : 3);
      Run straight = new Run(script, rules, null);
      for (int every : often ? new int[] {1, 7} : new int[] {31, 97}) {
        Run saved = new Run(script, rules, null, every);
        assertThat(saved.json).as("seed " + seed + " every " + every).isEqualTo(straight.json);
        assertThat(saved.segments).isEqualTo(straight.segments);
        assertThat(saved.originals).isEqualTo(straight.originals);
        assertThat(saved.partials).isEqualTo(straight.partials);
        assertThat(saved.moments).isEqualTo(straight.moments);
        assertThat(saved.categories).isEqualTo(straight.categories);
        assertThat(saved.events).isEqualTo(straight.events);
      }
      assertThat(straight.events.stream().filter(each -> each.startsWith("interruption")))
          .hasSameSizeAs(straight.summary.figures().interruptions());
      assertThat(straight.events.stream().filter(each -> each.startsWith("non-talk ended")))
          .hasSameSizeAs(straight.summary.figures().nonTalk());
    }
  }

  /** Each moment has the figures of a call that ends there, and the words said before it. */
  @Test
  void aMomentIsTheCallUpToThere() throws RuleSetException {
    RuleSet rules = RuleSetReader.read(RULES);
    int alerts = 0;
    for (int seed = 0; seed < 12; seed++) {
      CallScript script = CallScriptGenerator.script(seed, 25, 3);
      Run whole = new Run(script, rules, null);
      assertThat(whole.moments).isNotEmpty();
      long millis = 0;
      for (CallMoment moment : whole.moments) {
        millis += MOMENT;
        assertThat(moment.figures().durationMillis()).isEqualTo(millis);
        long here = millis;
        List<TranscriptSegment> ended =
            whole.segments.stream().filter(each -> each.interval().endMillis() <= here).toList();
        assertThat(moment.transcript()).isEqualTo(ended);
        for (int channel = 0; channel < 2; channel++) {
          int number = channel;
          assertThat(moment.figures().channels().get(channel).words())
              .isEqualTo(
                  whole.originals.stream()
                      .filter(each -> each.channel() == number)
                      .filter(each -> each.interval().endMillis() <= here)
                      .mapToInt(each -> each.words().size())
                      .sum());
        }
        alerts += moment.alerts().size();
      }
      assertThat(millis).isGreaterThan(script.durationMillis() - 2 * MOMENT);
      CallMoment last = whole.moments.get(whole.moments.size() - 1);
      assertThat(whole.summary.categories())
          .extracting(CategoryMatch::name)
          .containsAll(last.categories());
    }
    assertThat(alerts).isPositive();
  }

  /** Revisions of an utterance are numbered, only grow, and the whole comes last. */
  @Test
  void partialTextsGrowUntilTheWholeIsThere() throws RuleSetException {
    int told = 0;
    for (int seed = 0; seed < 12; seed++) {
      Run run = new Run(CallScriptGenerator.script(seed, 25, 3), RuleSet.NONE, null);
      Map<String, List<String>> revisions = new TreeMap<>();
      for (List<String> each : run.partials) {
        List<String> texts = revisions.computeIfAbsent(each.get(0), key -> new ArrayList<>());
        assertThat(each.get(1)).isEqualTo(Integer.toString(texts.size()));
        assertThat(each.get(2)).isNotEmpty();
        texts.add(each.get(2));
        assertThat(texts).doesNotHaveDuplicates();
        told++;
      }
      assertThat(run.finals)
          .allSatisfy(
              (key, revision) ->
                  assertThat(revision).isEqualTo(revisions.getOrDefault(key, List.of()).size()));
    }
    assertThat(told).isGreaterThan(10);
  }

  /** Both talk for up to half a minute, over each other and with short breaks. */
  private static CallScript longTalk(int seed) {
    Random random = new Random(seed);
    String[] vocabulary = {"parcel", "garden", "please", "thank", "you", "delivery", "house"};
    List<CallScript.Line> lines = new ArrayList<>();
    for (int channel = 0; channel < 2; channel++) {
      long at = random.nextInt(3000);
      while (at < 80_000) {
        long end = at + 2000 + random.nextInt(28_000);
        List<Word> words = new ArrayList<>();
        for (long word = at; word + 280 <= end; word += 280) {
          words.add(new Word(vocabulary[random.nextInt(vocabulary.length)], word, word + 260));
        }
        lines.add(
            new CallScript.Line(
                channel,
                new Interval(at, end),
                words,
                words.stream().map(each -> false).toList(),
                List.of()));
        at = end + (random.nextBoolean() ? 100 + random.nextInt(200) : random.nextInt(8000));
      }
    }
    CallScript any = CallScriptGenerator.script(seed, 1, 0);
    return new CallScript(seed, any.participants(), 116_000, lines, List.of(), List.of(), 0, 0);
  }

  @Test
  void theSameInLongTalkHoweverFramesAndTextsAreInterleaved() throws RuleSetException {
    RuleSet rules = RuleSetReader.read(RULES);
    int told = 0;
    for (int seed = 0; seed < 5; seed++) {
      CallScript script = longTalk(seed);
      Run straight = new Run(script, rules, null);
      for (int i = 0; i < 2; i++) {
        Run shuffled = new Run(script, rules, new Random(31L * seed + i), i == 0 ? 61 : 0);
        assertThat(shuffled.json).as("seed " + seed).isEqualTo(straight.json);
        assertThat(shuffled.segments).isEqualTo(straight.segments);
        assertThat(shuffled.partials).isEqualTo(straight.partials);
        assertThat(shuffled.finals).isEqualTo(straight.finals);
        assertThat(shuffled.moments).isEqualTo(straight.moments);
      }
      told += straight.partials.size();
    }
    assertThat(told).isGreaterThan(200);
  }

  /** An utterance of 19 s: what was said so far does not wait for where it will be cut. */
  @Test
  void aPartialTextLeavesWhereItWasHeard() {
    List<Utterance> asked = new ArrayList<>();
    List<Long> told = new ArrayList<>();
    int[] now = {0};
    CallAnalysis analysis =
        new CallAnalysis(
            start("long"),
            AnalysisSettings.DEFAULT.live(0, 1000),
            RuleSet.NONE,
            new Ignoring() {
              @Override
              public void partialUtterance(Utterance soFar) {
                asked.add(soFar);
              }

              @Override
              public void partial(Utterance soFar, int revision, String text) {
                told.add(soFar.interval().endMillis());
                assertThat((now[0] + 1L) * FRAME - soFar.interval().endMillis())
                    .as("waited for, with the reach of the gate")
                    .isLessThanOrEqualTo(4 * FRAME);
              }
            });
    for (; now[0] < 600; now[0]++) {
      analysis.frame(0, frame(now[0], now[0] >= 5));
      analysis.frame(1, frame(now[0], false));
      for (Utterance soFar : List.copyOf(asked)) {
        asked.remove(soFar);
        List<Word> words = new ArrayList<>();
        for (long at = 0; at + 200 < soFar.interval().lengthMillis(); at += 200) {
          words.add(new Word("parcel", at, at + 200));
        }
        analysis.partial(0, soFar.number(), soFar.interval().endMillis(), words);
      }
    }
    assertThat(told).hasSizeGreaterThan(14);
    assertThat(told.get(told.size() - 1)).isGreaterThan(18_000);
  }

  /**
   * The customer ends at 1184 ms and the agent at 1440 ms. When the agent's utterance is complete,
   * the customer's lacks some of the silence that ends it: it comes first all the same.
   */
  @Test
  void utterancesLeaveInTheOrderOfTheirEndsWhicheverChannelIsAhead() {
    for (int[] heard : new int[][] {{125, 125}, {51, 125}, {52, 125}, {125, 62}}) {
      List<String> order = new ArrayList<>();
      List<Utterance> asked = new ArrayList<>();
      CallAnalysis[] analysis = new CallAnalysis[1];
      analysis[0] =
          new CallAnalysis(
              start("order"),
              AnalysisSettings.DEFAULT,
              RuleSet.NONE,
              new Ignoring() {
                @Override
                public void utterance(Utterance utterance) {
                  asked.add(utterance);
                }

                @Override
                public void transcript(TranscriptSegment segment, int revision) {
                  order.add(segment.channel() + "-" + segment.number());
                }
              });
      int[] from = new int[2];
      for (int[] until : new int[][] {heard, {125, 125}}) {
        for (int channel = 0; channel < 2; channel++) {
          for (; from[channel] < until[channel]; from[channel]++) {
            boolean talks = from[channel] >= 10 && from[channel] < (channel == 0 ? 37 : 45);
            analysis[0].frame(channel, frame(from[channel], talks));
          }
        }
        asked.forEach(
            each ->
                analysis[0].text(each.channel(), each.number(), List.of(new Word("a", -1, -1))));
        asked.clear();
      }
      analysis[0].end(125 * FRAME, "ended");
      assertThat(order).as("%d and %d frames", heard[0], heard[1]).containsExactly("0-0", "1-0");
    }
  }

  @Test
  void aStateOfALaterReleaseIsRefused() {
    CallAnalysis analysis =
        new CallAnalysis(start("later"), AnalysisSettings.DEFAULT, RuleSet.NONE, new Ignoring());
    assertThatThrownBy(
            () -> analysis.load(new DataInputStream(new ByteArrayInputStream(new byte[] {4}))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version 4, expected 1 to 3");
  }

  @Test
  void figuresAreThoseOfTheScript() throws RuleSetException {
    int interruptions = 0;
    int planned = 0;
    for (int seed = 100; seed < 125; seed++) {
      CallScript script = CallScriptGenerator.script(seed, 30, 0);
      CallSummary summary = new Run(script, RuleSet.NONE, null).summary;
      for (int channel = 0; channel < 2; channel++) {
        long talk = script.segments(channel).stream().mapToLong(Interval::lengthMillis).sum();
        assertThat((double) summary.figures().channels().get(channel).talkMillis())
            .isBetween(talk * 0.97, talk * 1.03);
      }
      interruptions += summary.figures().interruptions().size();
      planned += script.interruptions().size();
      int words = script.utterances().stream().mapToInt(line -> line.words().size()).sum();
      assertThat(summary.figures().channels().stream().mapToInt(each -> each.words()).sum())
          .as("a word that is cut to some milliseconds may fall into no frame")
          .isBetween(words - 2, words);
    }
    assertThat(interruptions).isEqualTo(planned);
  }

  @Test
  void noSecretIsInTheSummary() throws RuleSetException {
    for (int seed = 200; seed < 225; seed++) {
      CallScript script = CallScriptGenerator.script(seed, 20, 8);
      CallSummary summary = new Run(script, RuleSet.NONE, null).summary;
      for (CallScript.Line line : script.utterances()) {
        for (int word = 0; word < line.words().size(); word++) {
          if (line.secret().get(word)
              && (line.data().contains(PersonalData.CARD)
                  || line.data().contains(PersonalData.NUMBER))) {
            Word secret = line.words().get(word);
            assertThat(
                    summary.transcript().stream()
                        .flatMap(segment -> segment.words().stream())
                        .anyMatch(secret::equals))
                .as("seed " + seed + " " + secret)
                .isFalse();
            assertThat(
                    summary.transcript().stream()
                        .flatMap(segment -> segment.silenced().stream())
                        .anyMatch(
                            silenced ->
                                silenced.beginMillis() <= secret.beginMillis()
                                    && secret.endMillis() <= silenced.endMillis()))
                .as("silenced, seed " + seed + " " + secret)
                .isTrue();
          }
        }
      }
    }
  }

  @Test
  void aCallWithoutSoundAndOneWithAFailedTextHaveSummaries() {
    CallStart start = start("empty");
    List<CallSummary> summaries = new ArrayList<>();
    CallAnalysis empty =
        new CallAnalysis(start, AnalysisSettings.DEFAULT, RuleSet.NONE, new Ignoring());
    empty.end(0, "source went away");
    empty.summary().ifPresent(summaries::add);
    CallAnalysis failed =
        new CallAnalysis(start, AnalysisSettings.DEFAULT, RuleSet.NONE, new Ignoring());
    for (int i = 0; i < 60; i++) {
      failed.frame(0, frame(i, i < 30));
    }
    failed.lost(0, 60 * FRAME, 70 * FRAME);
    failed.end(70 * FRAME, "ended");
    assertThat(failed.summary()).isEmpty();
    failed.text(0, 0, null);
    failed.summary().ifPresent(summaries::add);
    assertThat(summaries).hasSize(2);
    assertThat(summaries.get(0).endReason()).isEqualTo("source went away");
    assertThat(summaries.get(1).failedUtterances()).isEqualTo(1);
    assertThat(summaries.get(1).lostMillis()).isEqualTo(10 * FRAME);
    assertThat(summaries.get(1).figures().channels().get(0).talkMillis()).isEqualTo(30 * FRAME - 8);
  }

  private static CallStart start(String id) {
    return new CallStart(
        id, -1, CallScriptGenerator.script(0, 1, 0).participants(), new TreeMap<>());
  }

  private static SpeechFrame frame(int index, boolean speech) {
    double dbfs = speech ? -20 : -80;
    return new SpeechFrame(
        (long) index * FRAME,
        (index + 1L) * FRAME,
        speech ? 0.95f : 0.01f,
        new SpeechEnergy((long) (Math.pow(10, dbfs / 10) * 32768 * 32768 * 512), 512));
  }

  private static class Ignoring implements CallAnalysis.Listener {
    @Override
    public void utterance(Utterance utterance) {}

    @Override
    public void transcript(TranscriptSegment segment, int revision) {}

    @Override
    public void category(CategoryMatch match) {}
  }

  /**
   * One analysis of a script; the recogniser returns the words whose middle it was given. Of
   * scripts with an even seed it times the words of utterances that go on.
   */
  private static final class Run extends Ignoring {
    private final CallScript script;
    private final List<List<Interval>> truth;
    private final Random random;
    private final RuleSet rules;
    private CallAnalysis analysis;
    private final List<Utterance> asked = new ArrayList<>();
    private final List<TranscriptSegment> segments = new ArrayList<>();
    private final List<TranscriptSegment> originals = new ArrayList<>();
    private final List<CallMoment> moments = new ArrayList<>();

    /** Utterance, revision, text. */
    private final List<List<String>> partials = new ArrayList<>();

    /** Revision of the whole, by utterance. */
    private final Map<String, Integer> finals = new TreeMap<>();

    private final List<String> categories = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final CallSummary summary;
    private final String json;

    Run(CallScript script, RuleSet rules, Random random) {
      this(script, rules, random, 0);
    }

    /**
     * @param every saved and loaded after so many frames; 0 for never
     */
    Run(CallScript script, RuleSet rules, Random random, int every) {
      this.script = script;
      this.rules = rules;
      this.truth = List.of(script.segments(0), script.segments(1));
      this.random = random;
      this.analysis = make();
      int frames = (int) (script.durationMillis() / FRAME);
      int[] next = new int[2];
      int turn = 0;
      while (next[0] < frames || next[1] < frames) {
        int channel = random == null ? turn++ % 2 : random.nextInt(2);
        int burst = random == null ? 1 : random.nextInt(100);
        for (int i = 0; i < burst && next[channel] < frames; i++) {
          analysis.frame(
              channel, CallAnalysisTest.frame(next[channel], talks(channel, next[channel])));
          next[channel]++;
          if (every > 0 && (next[0] + next[1]) % every == 0) {
            saveAndLoad();
          }
        }
        if (random == null || random.nextInt(4) == 0) {
          answer(random == null ? asked.size() : random.nextInt(asked.size() + 1));
        }
      }
      analysis.end(script.durationMillis(), "ended");
      if (every > 0) {
        saveAndLoad();
      }
      answer(asked.size());
      summary = analysis.summary().orElseThrow();
      json = CallJson.write(summary);
    }

    private CallAnalysis make() {
      return new CallAnalysis(
          new CallStart("call-" + script.seed(), -1, script.participants(), new TreeMap<>()),
          AnalysisSettings.DEFAULT.live(MOMENT, 1000),
          rules,
          this);
    }

    private void saveAndLoad() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        analysis.save(new DataOutputStream(bytes));
        analysis = make();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        analysis.load(in);
        assertThat(in.available()).isZero();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void answer(int count) {
      for (int i = 0; i < count; i++) {
        Utterance utterance = asked.remove(random == null ? 0 : random.nextInt(asked.size()));
        List<Word> words = new ArrayList<>();
        for (CallScript.Line line : script.utterances()) {
          if (line.channel() == utterance.channel()) {
            for (Word word : line.words()) {
              long middle = (word.beginMillis() + word.endMillis()) / 2;
              boolean timed = utterance.end() != Utterance.End.OPEN || script.seed() % 2 == 0;
              if (utterance.interval().contains(middle)) {
                words.add(timed ? word : new Word(word.text(), -1, -1));
              }
            }
          }
        }
        if (utterance.end() == Utterance.End.OPEN) {
          analysis.partial(
              utterance.channel(), utterance.number(), utterance.interval().endMillis(), words);
        } else {
          analysis.text(utterance.channel(), utterance.number(), words);
        }
      }
    }

    private boolean talks(int channel, int index) {
      long middle = (long) index * FRAME + FRAME / 2;
      for (Interval segment : truth.get(channel)) {
        if (segment.contains(middle)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void utterance(Utterance utterance) {
      asked.add(utterance);
    }

    @Override
    public void transcript(TranscriptSegment segment, int revision) {
      segments.add(segment);
      finals.put(segment.channel() + "-" + segment.number(), revision);
    }

    @Override
    public void partialUtterance(Utterance soFar) {
      asked.add(soFar);
    }

    @Override
    public void partial(Utterance soFar, int revision, String text) {
      partials.add(
          List.of(soFar.channel() + "-" + soFar.number(), Integer.toString(revision), text));
    }

    @Override
    public void moment(CallMoment moment) {
      moments.add(moment);
    }

    @Override
    public void original(TranscriptSegment segment) {
      originals.add(segment);
    }

    @Override
    public void interruption(int number, Interruption interruption) {
      events.add("interruption " + number + " " + interruption);
    }

    @Override
    public void nonTalk(int number, long beginMillis, long endMillis) {
      events.add(
          "non-talk " + (endMillis < 0 ? "goes on " : "ended ") + number + " since " + beginMillis);
    }

    @Override
    public void category(CategoryMatch match) {
      categories.add(match.name());
    }
  }
}
