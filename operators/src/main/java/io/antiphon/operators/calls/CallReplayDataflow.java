package io.antiphon.operators.calls;

import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.operators.OperatorUids;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.input.RecordFilter;
import io.antiphon.operators.input.RoutingKey;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.DeadLetter;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** The way from what was told of calls to what other rules find in them. */
public final class CallReplayDataflow {
  /** What comes out: one summary for each summary that came in. */
  public record Outputs(DataStream<CallSummary> summaries, DataStream<DeadLetter> deadLetters) {}

  private CallReplayDataflow() {}

  /**
   * @param segments and {@code summaries}: raw records of the topics, bounded
   * @param rules as JSON
   * @param maximumBytes larger records become dead letters without their value
   * @throws RuleSetException with everything that is wrong with the rules
   */
  public static Outputs build(
      DataStream<InboundRecord> segments,
      DataStream<InboundRecord> summaries,
      String rules,
      int maximumBytes)
      throws RuleSetException {
    SingleOutputStreamOperator<InboundRecord> said =
        segments
            .process(
                RecordFilter.keyed(CallSegment.class, CallSegment::getConversationId, maximumBytes),
                InboundRecord.TYPE)
            .name("check")
            .uid(OperatorUids.CHECK_SEGMENTS);
    SingleOutputStreamOperator<InboundRecord> over =
        summaries
            .process(
                RecordFilter.keyed(CallSummary.class, CallSummary::getConversationId, maximumBytes),
                InboundRecord.TYPE)
            .name("check")
            .uid(OperatorUids.CHECK_SUMMARIES);
    RoutingKey conversation = new RoutingKey();
    SingleOutputStreamOperator<CallSummary> replayed =
        said.keyBy(conversation, Types.STRING)
            .connect(over.keyBy(conversation, Types.STRING))
            .process(new CallReplay(rules), AvroSerializers.CALL_SUMMARY)
            .name("replay")
            .uid(OperatorUids.CALL_REPLAY);
    return new Outputs(
        replayed, said.getSideOutput(DeadLetters.TAG).union(over.getSideOutput(DeadLetters.TAG)));
  }
}
