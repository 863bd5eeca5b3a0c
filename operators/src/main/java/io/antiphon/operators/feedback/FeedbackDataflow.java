package io.antiphon.operators.feedback;

import io.antiphon.operators.OperatorUids;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.input.RecordFilter;
import io.antiphon.operators.input.RoutingKey;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.PreferencePair;
import java.time.Duration;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** The way from raw records of {@code completed-turns} and {@code feedback} to pairs. */
public final class FeedbackDataflow {
  /** What comes out. A pair's identity is (conversation, turn, source, what it rejects). */
  public record Outputs(DataStream<PreferencePair> pairs, DataStream<DeadLetter> deadLetters) {}

  private FeedbackDataflow() {}

  /**
   * @param turns and {@code feedback}: raw records with Kafka's timestamps as event time, typed
   *     {@link InboundRecord#TYPE}
   * @param retention see {@link FeedbackJoin}
   * @param maximumBytes larger records become dead letters without their value
   */
  public static Outputs build(
      DataStream<InboundRecord> turns,
      DataStream<InboundRecord> feedback,
      Duration retention,
      int maximumBytes) {
    SingleOutputStreamOperator<InboundRecord> known =
        checked(
            turns,
            RecordFilter.keyed(CompletedTurn.class, CompletedTurn::getConversationId, maximumBytes),
            OperatorUids.CHECK_TURNS);
    SingleOutputStreamOperator<InboundRecord> given =
        checked(feedback, feedback(maximumBytes), OperatorUids.CHECK_FEEDBACK);
    RoutingKey conversation = new RoutingKey();
    SingleOutputStreamOperator<PreferencePair> pairs =
        known
            .keyBy(conversation, Types.STRING)
            .connect(given.keyBy(conversation, Types.STRING))
            .process(new FeedbackJoin(retention), AvroSerializers.PREFERENCE_PAIR)
            .name("preference pairs")
            .uid(OperatorUids.PREFERENCE_PAIRS);
    return new Outputs(
        pairs,
        known
            .getSideOutput(DeadLetters.TAG)
            .union(given.getSideOutput(DeadLetters.TAG), pairs.getSideOutput(DeadLetters.TAG)));
  }

  /** Lets records of {@code feedback} through. */
  static RecordFilter feedback(int maximumBytes) {
    return RecordFilter.of(
        (record, most) -> FeedbackRecords.read(record.key(), record.value(), most), maximumBytes);
  }

  private static SingleOutputStreamOperator<InboundRecord> checked(
      DataStream<InboundRecord> records, RecordFilter filter, String uid) {
    return records.process(filter, InboundRecord.TYPE).name("check").uid(uid);
  }
}
