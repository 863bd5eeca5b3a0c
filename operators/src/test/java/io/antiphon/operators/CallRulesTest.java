package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.antiphon.operators.calls.CallInput;
import io.antiphon.operators.calls.CallInputSerializer;
import io.antiphon.operators.calls.CallRules;
import io.antiphon.operators.calls.RuledEvent;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.AnalyticsRules;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.serde.Records;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithNonKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules on a topic, and the calls that begin while they are in force. */
class CallRulesTest {
  private static final class Rules implements AutoCloseable {
    private final TwoInputStreamOperatorTestHarness<InboundRecord, InboundRecord, CallInput> stage;
    private long offset;

    Rules(int subtask, OperatorSubtaskState state) throws Exception {
      stage =
          new TwoInputStreamOperatorTestHarness<>(
              new CoBroadcastWithNonKeyedOperator<>(
                  new CallRules(1 << 16, CallHarness.COMPLETED_TURNS), List.of(CallRules.IN_FORCE)),
              8,
              2,
              subtask);
      stage.setup(new CallInputSerializer());
      if (state == null) {
        stage.initializeEmptyState();
      } else {
        stage.initializeState(state);
      }
      stage.open();
    }

    Rules rule(String id, String value) throws Exception {
      byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
      return raw(id, bytes);
    }

    Rules raw(String id, byte[] value) throws Exception {
      stage.processElement2(
          new StreamRecord<>(
              new InboundRecord(
                  "analytics-rules", 0, offset++, 0, id.getBytes(StandardCharsets.UTF_8), value)));
      return this;
    }

    Rules set(String id, String tenant, long time, String version) throws Exception {
      return raw(
          id, Records.encode(new AnalyticsRules(id, version, tenant, at(time), json(version))));
    }

    /** The rules that a call of a tenant begins with. */
    String begin(String tenant) throws Exception {
      InboundRecord record =
          new Script("c").event(ConversationStarted.newBuilder().setTenant(tenant).build());
      stage.processElement1(new StreamRecord<>(record));
      @SuppressWarnings("unchecked") // the harness's queue is of objects
      StreamRecord<CallInput> out = (StreamRecord<CallInput>) stage.getOutput().poll();
      return ((RuledEvent) out.getValue()).rules();
    }

    List<DeadLetter> deadLetters() {
      List<DeadLetter> letters = new ArrayList<>();
      Harnesses.take(stage.getSideOutput(DeadLetters.TAG), letters);
      return letters;
    }

    @Override
    public void close() throws Exception {
      stage.close();
    }
  }

  @TempDir private Path directory;

  private static Instant at(long time) {
    return Instant.ofEpochMilli(time);
  }

  private static String json(String version) {
    return "{\"version\":\"" + version + "\",\"categories\":[]}";
  }

  @Test
  void aCallBeginsWithItsTenantsRulesOrTheLatestForAll() throws Exception {
    try (Rules rules = new Rules(0, null)) {
      assertThat(rules.begin("bank")).isEmpty();
      rules.set("all", "", 1, "1").set("older", "", 0, "0").set("bank", "bank", 0, "b1");
      assertThat(rules.begin("bank")).isEqualTo(json("b1"));
      assertThat(rules.begin("shop")).isEqualTo(json("1"));
      rules.set("bank", "bank", 5, "b2").rule("all", null);
      assertThat(rules.begin("bank")).isEqualTo(json("b2"));
      assertThat(rules.begin("shop")).isEqualTo(json("0"));
      OperatorSubtaskState state = rules.stage.snapshot(1, 1);
      try (Rules restored = new Rules(0, state)) {
        assertThat(restored.begin("bank")).isEqualTo(json("b2"));
        assertThat(restored.begin("shop")).isEqualTo(json("0"));
      }
    }
  }

  @Test
  void rulesThatCannotBeUsedAreToldOnceAndThoseBeforeStay() throws Exception {
    try (Rules first = new Rules(0, null);
        Rules second = new Rules(1, null)) {
      for (Rules rules : List.of(first, second)) {
        rules.set("all", "", 1, "1").rule("all", "no record").set("", "", 1, "1");
        rules.raw("all", Records.encode(new AnalyticsRules("other", "1", "", at(2), json("1"))));
        rules.raw("all", Records.encode(new AnalyticsRules("all", "2", "", at(2), json("1"))));
        rules.raw(
            "all",
            Records.encode(
                new AnalyticsRules(
                    "all",
                    "2",
                    "",
                    at(2),
                    "{\"version\":\"2\",\"categories\":[{\"name\":\"\",\"when\":{\"said\":{}}}]}")));
        assertThat(rules.begin("bank")).isEqualTo(json("1"));
      }
      List<DeadLetter> letters = first.deadLetters();
      assertThat(letters)
          .extracting(DeadLetter::getCode)
          .containsExactly(
              "undecodable", "missing-key", "invalid-rules", "invalid-rules", "invalid-rules");
      assertThat(letters.get(3).getMessage())
          .isEqualTo("version is \"2\", expected that of the rules, \"1\"");
      assertThat(letters.get(4).getMessage())
          .contains("categories[0].name is \"\"")
          .contains("categories[0].when.said.phrases is missing");
      assertThat(second.deadLetters()).isEmpty();
    }
  }

  @Test
  void aRecordThatCannotBeDecodedIsADeadLetter() throws Exception {
    try (Rules rules = new Rules(0, null)) {
      byte[] noise = {1, 2, 3};
      rules.stage.processElement1(
          new StreamRecord<>(new InboundRecord("audio-chunks", 3, 7, 0, noise, noise)));
      rules.stage.processElement1(
          new StreamRecord<>(new InboundRecord("audio-chunks", 3, 8, 0, null, noise)));
      assertThat(rules.deadLetters())
          .extracting(DeadLetter::getOffset, DeadLetter::getCode)
          .containsExactly(tuple(7L, "undecodable"), tuple(8L, "missing-key"));
      assertThat(rules.stage.getOutput()).isEmpty();
    }
  }

  /** What comes into force while a call lasts is for those that begin later. */
  @Test
  void aCallKeepsTheRulesThatItBeganWith() throws Exception {
    Bundle bundle = Chain.bundle(directory);
    try (CallHarness calls =
        new CallHarness(bundle, CallStory.RULES, CallStory.TRANSCRIBER, null)) {
      List<InboundRecord> first = CallStory.records(new Script("first"));
      calls.send(first.subList(0, 40).toArray(InboundRecord[]::new));
      calls.rules(json("8"));
      OperatorSubtaskState state = calls.recognise(2).snapshot();
      try (CallHarness restored =
          new CallHarness(bundle, json("8"), CallStory.TRANSCRIBER, state)) {
        restored.send(first.subList(40, first.size()).toArray(InboundRecord[]::new)).settle();
        restored.send(CallStory.records(new Script("second")).toArray(InboundRecord[]::new));
        restored.settle();
        assertThat(restored.summaries)
            .extracting(CallSummary::getRuleVersion)
            .containsExactly("7", "8");
        assertThat(restored.summaries.get(0).getCategories()).hasSize(3);
        assertThat(restored.summaries.get(1).getCategories()).isEmpty();
      }
    }
  }
}
