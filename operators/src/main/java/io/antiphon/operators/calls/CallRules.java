package io.antiphon.operators.calls;

import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.analytics.rules.RuleSetReader;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.input.DecodeFunction;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AnalyticsRules;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.BroadcastProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Decodes raw records of calls, and gives each call where it begins the rules that are in force
 * then; the call keeps them. A record that cannot be decoded becomes a dead letter. Rule sets come
 * as records of {@code analytics-rules} and are in force until another record of the same id, or
 * one without a value, comes. One that cannot be used becomes a dead letter, and the one before
 * stays in force.
 *
 * <p>Of several rule sets a call gets one: its tenant's own before one that is for all, then the
 * one that was written last.
 */
public final class CallRules
    extends BroadcastProcessFunction<InboundRecord, InboundRecord, CallInput> {
  /** The newest record of each rule set that can be used, by id. */
  public static final MapStateDescriptor<String, InboundRecord> IN_FORCE =
      new MapStateDescriptor<>("analytics-rules", Types.STRING, InboundRecord.TYPE);

  private static final long serialVersionUID = 1L;

  private static final Comparator<AnalyticsRules> ORDER =
      Comparator.comparing((AnalyticsRules rules) -> !rules.getTenant().isEmpty())
          .thenComparing(AnalyticsRules::getTime)
          .thenComparing(AnalyticsRules::getRuleSetId);

  private final int maximumBytes;
  private final String completedTurns;
  private transient Counter undecodable;

  /**
   * @param maximumBytes larger records become dead letters without their value
   * @param completedTurns the topic whose records are answers and no events of calls; empty: none
   */
  public CallRules(int maximumBytes, String completedTurns) {
    this.maximumBytes = maximumBytes;
    this.completedTurns = completedTurns;
  }

  @Override
  public void open(OpenContext context) {
    undecodable = getRuntimeContext().getMetricGroup().counter("recordsUndecodable");
  }

  @Override
  public void processElement(
      InboundRecord record, ReadOnlyContext context, Collector<CallInput> out) throws Exception {
    InboundEvent event;
    try {
      if (record.topic().equals(completedTurns)) {
        out.collect(CallAnswer.decode(record));
        return;
      }
      event = DecodeFunction.decode(record, maximumBytes);
    } catch (RecordDecodingException e) {
      undecodable.inc();
      context.output(
          DeadLetters.TAG, DeadLetters.of(record, e.code(), e.getMessage(), maximumBytes));
      return;
    }
    String rules = "";
    if (event.event().getBody() instanceof ConversationStarted started) {
      AnalyticsRules chosen = null;
      for (Map.Entry<String, InboundRecord> each :
          context.getBroadcastState(IN_FORCE).immutableEntries()) {
        AnalyticsRules offered = stored(each.getValue());
        boolean fits =
            offered.getTenant().isEmpty() || offered.getTenant().equals(started.getTenant());
        if (fits && (chosen == null || ORDER.compare(offered, chosen) > 0)) {
          chosen = offered;
        }
      }
      rules = chosen == null ? "" : chosen.getRules();
    }
    out.collect(new RuledEvent(event, rules));
  }

  @Override
  public void processBroadcastElement(
      InboundRecord record, Context context, Collector<CallInput> out) throws Exception {
    try {
      String id = id(record);
      if (record.value() == null) {
        context.getBroadcastState(IN_FORCE).remove(id);
        return;
      }
      require(id, Records.decode(AnalyticsRules.class, record.value(), maximumBytes));
      context.getBroadcastState(IN_FORCE).put(id, record);
    } catch (RecordDecodingException e) {
      // Every subtask sees it, and one tells.
      if (getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0) {
        context.output(
            DeadLetters.TAG, DeadLetters.of(record, e.code(), e.getMessage(), maximumBytes));
      }
    }
  }

  private static String id(InboundRecord record) throws RecordDecodingException {
    if (record.key() == null || record.key().length == 0) {
      throw new RecordDecodingException(
          RecordDecodingException.MISSING_KEY, "the record has no key; expected its ruleSetId");
    }
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  private static void require(String id, AnalyticsRules rules) throws RecordDecodingException {
    if (!rules.getRuleSetId().equals(id)) {
      throw invalid(
          "ruleSetId is \"" + rules.getRuleSetId() + "\", expected the key \"" + id + "\"");
    }
    try {
      String version = RuleSetReader.read(rules.getRules()).version();
      if (!version.equals(rules.getVersion())) {
        throw invalid(
            "version is \""
                + rules.getVersion()
                + "\", expected that of the rules, \""
                + version
                + "\"");
      }
    } catch (RuleSetException e) {
      throw invalid(String.valueOf(e.getMessage()));
    }
  }

  private static RecordDecodingException invalid(String message) {
    return new RecordDecodingException(FailureCodes.INVALID_RULES, message);
  }

  /** Records in state were checked when they came in. */
  private static AnalyticsRules stored(InboundRecord record) throws IOException {
    try {
      return Records.decode(AnalyticsRules.class, record.value(), Integer.MAX_VALUE);
    } catch (RecordDecodingException e) {
      throw new IOException(e);
    }
  }
}
