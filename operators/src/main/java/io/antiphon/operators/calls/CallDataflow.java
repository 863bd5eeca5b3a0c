package io.antiphon.operators.calls;

import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.operators.OperatorUids;
import io.antiphon.operators.flink.KeyedOperatorFactory;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.input.Routing;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.DeadLetter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * The way from raw records of {@code audio-chunks} to what is told of calls. One shuffle, of raw
 * records by their key; everything behind it is one chain.
 */
public final class CallDataflow {
  /**
   * What comes out. Segments are identified by (conversation, segment, revision), events by
   * (conversation, event, revision), metrics by (conversation, revision); a summary comes once for
   * every call that began.
   *
   * @param originals segments before redaction; nothing unless settings ask for them
   */
  public record Outputs(
      DataStream<CallSegment> segments,
      DataStream<CallSegment> originals,
      DataStream<CallEvent> events,
      DataStream<CallMetrics> metrics,
      DataStream<CallSummary> summaries,
      DataStream<DeadLetter> deadLetters) {
    /** The same with other dead letters. */
    public Outputs withDeadLetters(DataStream<DeadLetter> others) {
      return new Outputs(segments, originals, events, metrics, summaries, others);
    }
  }

  private CallDataflow() {}

  /**
   * @param in raw records in Kafka's order within a partition, typed {@link InboundRecord#TYPE}, of
   *     {@code audio-chunks} and, where the settings name it, {@code completed-turns}
   * @param rules raw records of {@code analytics-rules}, likewise
   */
  public static Outputs build(
      DataStream<InboundRecord> in, DataStream<InboundRecord> rules, CallSettings settings) {
    int maximumBytes = settings.operators().maximumRecordBytes();
    SingleOutputStreamOperator<CallInput> ruled =
        Routing.byConversation(in)
            .connect(rules.broadcast(CallRules.IN_FORCE))
            .process(
                new CallRules(maximumBytes, settings.completedTurns()), CallInputSerializer.TYPE)
            .name("rules")
            .uid(OperatorUids.CALL_RULES);
    return analysed(ruled, settings);
  }

  /**
   * The same for calls that all have the same rules.
   *
   * @param in raw records in the order of each call, typed {@link InboundRecord#TYPE}
   * @param rules as JSON; empty for none
   * @throws RuleSetException with everything that is wrong with the rules
   */
  public static Outputs build(DataStream<InboundRecord> in, String rules, CallSettings settings)
      throws RuleSetException {
    return analysed(
        Routing.byConversation(in)
            .process(
                new FixedRules(rules, settings.operators().maximumRecordBytes()),
                CallInputSerializer.TYPE)
            .name("rules")
            .uid(OperatorUids.CALL_RULES),
        settings);
  }

  private static Outputs analysed(
      SingleOutputStreamOperator<CallInput> ruled, CallSettings settings) {
    SingleOutputStreamOperator<CallSummary> calls =
        Routing.keyed(ruled, CallInput::conversation)
            .transform(
                "calls",
                AvroSerializers.CALL_SUMMARY,
                new KeyedOperatorFactory<CallInput, CallSummary>(
                    CallOperator.class,
                    (parameters, operators) -> new CallOperator(parameters, settings),
                    settings.operators()))
            .name("calls")
            .uid(OperatorUids.CALLS);
    return new Outputs(
        calls.getSideOutput(CallOperator.SEGMENTS),
        calls.getSideOutput(CallOperator.ORIGINALS),
        calls.getSideOutput(CallOperator.EVENTS),
        calls.getSideOutput(CallOperator.METRICS),
        calls,
        ruled.getSideOutput(DeadLetters.TAG).union(calls.getSideOutput(DeadLetters.TAG)));
  }
}
