package io.antiphon.operators.calls;

import io.antiphon.analytics.records.RuleReplay;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.analytics.rules.RuleSetReader;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Judges calls that are over by other rules: the first input is {@code call-segments}, the second
 * {@code call-summaries}, both bounded and checked. At their end each call that has a summary
 * leaves once, see {@link RuleReplay}.
 */
public final class CallReplay
    extends KeyedCoProcessFunction<String, InboundRecord, InboundRecord, CallSummary> {
  private static final long serialVersionUID = 1L;

  /** The watermark of an input that has ended. */
  private static final long END = Long.MAX_VALUE;

  private final String rules;
  private transient RuleSet read;
  private transient ListState<InboundRecord> segments;
  private transient ValueState<InboundRecord> summary;

  /**
   * @param rules as JSON
   * @throws RuleSetException with everything that is wrong with them
   */
  public CallReplay(String rules) throws RuleSetException {
    this.rules = rules;
    RuleSetReader.read(rules);
  }

  @Override
  public void open(OpenContext context) throws Exception {
    read = RuleSetReader.read(rules);
    segments =
        getRuntimeContext().getListState(new ListStateDescriptor<>("segments", InboundRecord.TYPE));
    summary =
        getRuntimeContext().getState(new ValueStateDescriptor<>("summary", InboundRecord.TYPE));
  }

  @Override
  public void processElement1(InboundRecord record, Context context, Collector<CallSummary> out)
      throws Exception {
    segments.add(record);
  }

  @Override
  public void processElement2(InboundRecord record, Context context, Collector<CallSummary> out)
      throws Exception {
    summary.update(record);
    context.timerService().registerEventTimeTimer(END);
  }

  @Override
  public void onTimer(long time, OnTimerContext context, Collector<CallSummary> out)
      throws Exception {
    List<CallSegment> said = new ArrayList<>();
    for (InboundRecord each : segments.get()) {
      said.add(decoded(CallSegment.class, each));
    }
    out.collect(RuleReplay.of(decoded(CallSummary.class, summary.value()), said, read));
    segments.clear();
    summary.clear();
  }

  /** Records in state were checked when they came in. */
  private static <T extends org.apache.avro.specific.SpecificRecord> T decoded(
      Class<T> type, InboundRecord record) throws IOException {
    try {
      return Records.decode(type, record.value(), Integer.MAX_VALUE);
    } catch (RecordDecodingException e) {
      throw new IOException(e);
    }
  }
}
