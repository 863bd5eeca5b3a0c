package io.antiphon.operators.input;

import io.antiphon.operators.message.InboundRecord;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.KeyedStream;

/**
 * The one shuffle of a dataflow: raw records go to their conversation, and are decoded behind it,
 * once, in one chain with whatever uses them.
 */
public final class Routing {
  private Routing() {}

  /** Partitioned by key, but no keyed stream: decoding has no state and needs no backend for it. */
  public static DataStream<InboundRecord> byConversation(DataStream<InboundRecord> in) {
    return new DataStream<>(
        in.getExecutionEnvironment(), in.keyBy(new RoutingKey(), Types.STRING).getTransformation());
  }

  /** A stream behind {@link #byConversation} as a keyed one: no second shuffle. */
  public static <T> KeyedStream<T, String> keyed(
      DataStream<T> stream, KeySelector<T, String> conversation) {
    return DataStreamUtils.reinterpretAsKeyedStream(stream, conversation, Types.STRING);
  }
}
