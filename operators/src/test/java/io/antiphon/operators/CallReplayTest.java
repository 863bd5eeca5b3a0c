package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.operators.calls.CallReplay;
import io.antiphon.operators.calls.Summarizer;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.serde.Records;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that are over, judged by rules that came later. */
class CallReplayTest {
  private static final KeySelector<InboundRecord, String> KEY =
      record -> new String(record.key(), StandardCharsets.UTF_8);

  @TempDir private Path directory;

  private static InboundRecord record(String conversation, SpecificRecord value) {
    return Script.raw(Records.key(conversation), Records.encode(value));
  }

  private static CallHarness call(Bundle bundle, String rules, Summarizer summarizer)
      throws Exception {
    CallHarness calls = new CallHarness(bundle, rules, CallStory.TRANSCRIBER, summarizer, null);
    return calls.send(CallStory.records(new Script("c")).toArray(InboundRecord[]::new)).settle();
  }

  @Test
  void anOldCallIsJudgedAsIfTheRulesHadBeenThere() throws Exception {
    asIfTheRulesHadBeenThere(null);
  }

  /** What a model wrote stays, without that model. */
  @Test
  void aSummaryOfTheModelToo() throws Exception {
    asIfTheRulesHadBeenThere(CallStory.SUMMARIZER);
  }

  /** The summary is that of a call that had the rules from its begin. */
  private void asIfTheRulesHadBeenThere(Summarizer summarizer) throws Exception {
    Bundle bundle = Chain.bundle(directory);
    try (CallHarness without = call(bundle, "", summarizer);
        CallHarness with = call(bundle, CallStory.RULES, summarizer);
        KeyedTwoInputStreamOperatorTestHarness<String, InboundRecord, InboundRecord, CallSummary>
            replay =
                new KeyedTwoInputStreamOperatorTestHarness<>(
                    new KeyedCoProcessOperator<>(new CallReplay(CallStory.RULES)),
                    KEY,
                    KEY,
                    Types.STRING)) {
      replay.setup(new AvroSerializers.Summary());
      replay.open();
      List<InboundRecord> segments = new ArrayList<>();
      for (CallSegment segment : without.segments) {
        segments.add(record("c", segment));
        segments.add(record("c", segment)); // at least once
      }
      Collections.shuffle(segments, new Random(1));
      for (InboundRecord segment : segments) {
        replay.processElement1(segment, 0);
      }
      replay.processElement2(record("c", without.summaries.get(0)), 0);
      assertThat(replay.extractOutputValues()).isEmpty();
      replay.processBothWatermarks(new Watermark(Long.MAX_VALUE));
      assertThat(without.summaries.get(0).getCategories()).isEmpty();
      assertThat(without.summaries.get(0).getSummarySource())
          .isEqualTo(summarizer == null ? "TEMPLATE" : "MODEL");
      assertThat(replay.extractOutputValues()).isEqualTo(with.summaries);
    }
  }

  @Test
  void rulesThatCannotBeUsedAreRefusedBeforeAnything() {
    assertThatThrownBy(() -> new CallReplay("{\"version\":1}"))
        .isInstanceOf(RuleSetException.class)
        .hasMessageContaining("version is 1")
        .hasMessageContaining("categories is missing");
  }
}
