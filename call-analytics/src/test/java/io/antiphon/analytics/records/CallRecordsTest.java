package io.antiphon.analytics.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.SpeechEnergy;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.calls.AnalysisSettings;
import io.antiphon.analytics.calls.CallAnalysis;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import io.antiphon.analytics.rules.CategoryMatch;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.rules.RuleSetReader;
import io.antiphon.analytics.script.CallScriptGenerator;
import io.antiphon.analytics.speech.SpeechFrame;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.ModelIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CallRecordsTest {
  @Test
  void segmentsAndSummaryAreWritten() throws Exception {
    RuleSet rules =
        RuleSetReader.read(
            """
            {"version": "9", "categories": [{"name": "card", "when": {"said": {"phrases": ["my card"]}}}]}
            """);
    CallStart start =
        new CallStart(
            "call",
            1_000_000,
            CallScriptGenerator.script(0, 1, 0).participants(),
            new TreeMap<>(Map.of("queue", "billing")));
    List<TranscriptSegment> segments = new ArrayList<>();
    CallAnalysis analysis =
        new CallAnalysis(
            start,
            AnalysisSettings.DEFAULT,
            rules,
            new CallAnalysis.Listener() {
              @Override
              public void utterance(Utterance utterance) {}

              @Override
              public void transcript(TranscriptSegment segment, int revision) {
                segments.add(segment);
              }

              @Override
              public void category(CategoryMatch match) {}
            });
    for (int i = 0; i < 200; i++) {
      for (int channel = 0; channel < 2; channel++) {
        boolean speech = channel == 1 && i >= 10 && i < 60;
        analysis.frame(
            channel,
            new SpeechFrame(
                32L * i,
                32L * i + 32,
                speech ? 0.9f : 0,
                new SpeechEnergy(speech ? 5_000_000_000L : 500, 512)));
      }
    }
    analysis.end(6400, "ENDED");
    analysis.text(
        1,
        0,
        List.of(
            new Word("my", 400, 500),
            new Word("card", 500, 700),
            new Word("4111", 700, 1000),
            new Word("thanks", 1000, 1200)));
    CallSummary summary = analysis.summary().orElseThrow();

    CallSegment segment = CallRecords.segment(start, segments.get(0), 2, 0);
    assertThat(segment.getSegmentId()).isEqualTo("1-0");
    assertThat(segment.getRevision()).isEqualTo(2);
    assertThat(segment.getLast()).isTrue();
    assertThat(segment.getText()).isEqualTo("my card [NUMBER] thanks");
    assertThat(segment.getTime()).isEqualTo(Instant.ofEpochMilli(1_000_320));
    assertThat(segment.getRedactions()).hasSize(1);
    assertThat(segment.getRedactions().get(0).getBeginCharacter()).isEqualTo(8);
    assertThat(segment.getRedactions().get(0).getEndCharacter()).isEqualTo(16);
    assertThat(segment.getRedactions().get(0).getBeginMillis()).isEqualTo(450);
    assertThat(segment.getSentiment()).isPositive();

    io.antiphon.schemas.CallSummary record =
        CallRecords.summary(summary, 0, ModelIdentity.newBuilder().setName("nano").build());
    assertThat(record.getFigures().getDurationMillis()).isEqualTo(6400);
    assertThat(record.getFigures().getParticipants().get(1).getTalkMillis())
        .as("talk ends 8 ms before its last loud frame does")
        .isEqualTo(1592);
    assertThat(record.getFigures().getNonTalkInstances()).isEqualTo(1);
    assertThat(record.getNonTalk().get(0).getBeginMillis()).isEqualTo(1912);
    assertThat(record.getCategories().get(0).getName()).isEqualTo("card");
    assertThat(record.getRuleVersion()).isEqualTo("9");
    assertThat(record.getRedactions()).isEqualTo(1);
    assertThat(record.getAttributes()).containsEntry("queue", "billing");
    assertThat(record.getStartedAt()).isEqualTo(Instant.ofEpochMilli(1_000_000));
    assertThat(io.antiphon.schemas.CallSummary.fromByteBuffer(record.toByteBuffer()))
        .isEqualTo(record);
    assertThat(record.getSummarySource()).isEqualTo("TEMPLATE");
    assertThat(record.getSummary()).endsWith(" Categories: card.");
    io.antiphon.schemas.CallSummary written =
        CallRecords.summary(
            summary.withText(new WrittenSummary("It ends with \"thanks\". Categories: card.", 3)),
            0,
            record.getModel());
    assertThat(written.getSummarySource()).isEqualTo("MODEL");
    assertThat(written.getSummaryOmittedSegments()).isEqualTo(3);
    assertThat(RuleReplay.of(written, segmentsOf(start, segments), RuleSet.NONE).getSummary())
        .as("it is of the transcript, not of the rules")
        .isEqualTo(written.getSummary());
    assertThat(RuleReplay.of(record, segmentsOf(start, segments), RuleSet.NONE).getSummary())
        .isNotEmpty()
        .doesNotContain("Categories");
    assertThat(new Interval(1912, 6400).lengthMillis())
        .isEqualTo(record.getFigures().getLongestNonTalkMillis());
  }

  private static List<CallSegment> segmentsOf(CallStart start, List<TranscriptSegment> segments) {
    return segments.stream().map(each -> CallRecords.segment(start, each, 0, 0)).toList();
  }
}
