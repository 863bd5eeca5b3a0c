package io.antiphon.operators.feedback;

import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.input.RecordFilter;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.Feedback;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Joins feedback with the answers it is about, by conversation: the first input is {@code
 * completed-turns}, the second {@code feedback}, both checked by {@link RecordFilter}.
 *
 * <p>Either may come first. Of several feedbacks about one answer the last in the topic counts, and
 * one that says again what was said makes no pair again. A turn is kept for {@code retention} of
 * event time, which is Kafka's own timestamp, never what a producer writes into a record. Feedback
 * whose turn does not come within that time becomes a dead letter, as does feedback about a turn
 * that has no answer.
 */
public final class FeedbackJoin
    extends KeyedCoProcessFunction<String, InboundRecord, InboundRecord, PreferencePair> {
  static final String UNKNOWN_TURN = "unknown-turn";
  static final String NO_ANSWER = "no-answer";

  private static final long serialVersionUID = 1L;

  private final long retentionMillis;
  private transient MapState<Integer, InboundRecord> turns;
  private transient MapState<Integer, InboundRecord> feedback;

  /**
   * @param retention how long after its turn feedback is taken, and how long it waits for its turn
   */
  public FeedbackJoin(Duration retention) {
    this.retentionMillis = retention.toMillis();
  }

  @Override
  public void open(OpenContext context) {
    turns = records("turns");
    feedback = records("feedback");
  }

  private MapState<Integer, InboundRecord> records(String name) {
    return getRuntimeContext()
        .getMapState(new MapStateDescriptor<>(name, Types.INT, InboundRecord.TYPE));
  }

  @Override
  public void processElement1(InboundRecord record, Context context, Collector<PreferencePair> out)
      throws Exception {
    CompletedTurn turn = turn(record);
    if (turns.contains(turn.getTurn())) {
      return; // an uncommitted one that a reader without read_committed saw before
    }
    turns.put(turn.getTurn(), record);
    forgetLater(record, context);
    InboundRecord waiting = feedback.get(turn.getTurn());
    if (waiting != null) {
      apply(waiting, turn, context, out);
    }
  }

  @Override
  public void processElement2(InboundRecord record, Context context, Collector<PreferencePair> out)
      throws Exception {
    Feedback given = feedback(record);
    InboundRecord before = feedback.get(given.getTurn());
    if (before != null && Arrays.equals(before.value(), record.value())) {
      return;
    }
    feedback.put(given.getTurn(), record);
    forgetLater(record, context);
    InboundRecord about = turns.get(given.getTurn());
    if (about != null) {
      apply(record, turn(about), context, out);
    }
  }

  private void apply(
      InboundRecord record, CompletedTurn turn, Context context, Collector<PreferencePair> out)
      throws Exception {
    if (turn.getFailure() != null) {
      feedback.remove(turn.getTurn());
      context.output(
          DeadLetters.TAG,
          DeadLetters.of(
              record,
              NO_ANSWER,
              "turn "
                  + turn.getTurn()
                  + " failed with "
                  + turn.getFailure().getCode()
                  + ": there is no answer to judge",
              Records.DEFAULT_MAXIMUM_BYTES / 2));
      return;
    }
    Feedback given = feedback(record);
    PreferencePairs.written(turn, given).ifPresent(out::collect);
    for (int other : othersInOrder(turn.getTurn())) {
      InboundRecord otherTurn = turns.get(other);
      if (otherTurn != null) {
        int rating = feedback(feedback.get(other)).getRating();
        Optional<PreferencePair> pair = PreferencePairs.rated(turn, given, turn(otherTurn), rating);
        pair.ifPresent(out::collect);
      }
    }
  }

  /** Turns that somebody judged: state gives them in no order of its own. */
  private List<Integer> othersInOrder(int turn) throws Exception {
    List<Integer> others = new ArrayList<>();
    for (Integer other : feedback.keys()) {
      if (other != turn) {
        others.add(other);
      }
    }
    others.sort(null);
    return others;
  }

  private void forgetLater(InboundRecord record, Context context) {
    context.timerService().registerEventTimeTimer(record.timestamp() + retentionMillis);
  }

  @Override
  public void onTimer(long time, OnTimerContext context, Collector<PreferencePair> out)
      throws Exception {
    for (int number : expired(turns, time)) {
      turns.remove(number);
      feedback.remove(number);
    }
    // What is left of expired feedback never met its turn.
    for (int number : expired(feedback, time)) {
      if (!turns.contains(number)) {
        context.output(
            DeadLetters.TAG,
            DeadLetters.of(
                feedback.get(number),
                UNKNOWN_TURN,
                "no turn "
                    + number
                    + " of this conversation was completed within "
                    + Duration.ofMillis(retentionMillis)
                    + " of the feedback",
                Records.DEFAULT_MAXIMUM_BYTES / 2));
        feedback.remove(number);
      }
    }
  }

  private List<Integer> expired(MapState<Integer, InboundRecord> records, long time)
      throws Exception {
    List<Integer> numbers = new ArrayList<>();
    for (Map.Entry<Integer, InboundRecord> entry : records.entries()) {
      if (entry.getValue().timestamp() + retentionMillis <= time) {
        numbers.add(entry.getKey());
      }
    }
    numbers.sort(null);
    return numbers;
  }

  /** Records in state were checked when they came in. */
  private static CompletedTurn turn(InboundRecord record) throws IOException {
    try {
      return Records.decode(CompletedTurn.class, record.value(), Integer.MAX_VALUE);
    } catch (RecordDecodingException e) {
      throw new IOException(e);
    }
  }

  private static Feedback feedback(InboundRecord record) throws IOException {
    try {
      return Records.decode(Feedback.class, record.value(), Integer.MAX_VALUE);
    } catch (RecordDecodingException e) {
      throw new IOException(e);
    }
  }
}
