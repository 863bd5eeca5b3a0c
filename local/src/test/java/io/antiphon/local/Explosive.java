package io.antiphon.local;

import io.antiphon.client.ConversationClient;
import io.antiphon.jobs.AgentDataflow;
import io.antiphon.jobs.DataflowDefinition;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.operators.Dataflow;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.operators.settings.OperatorSettings;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The dataflow with a task that fails at each bomb among its records, the first time the bomb comes
 * by. One at a time in a process.
 */
final class Explosive implements DataflowDefinition {
  private static final byte[] BOMB = "bomb".getBytes(StandardCharsets.UTF_8);
  private static final AtomicInteger EXPLOSIONS = new AtomicInteger();
  private static final AtomicLong LAST = new AtomicLong(-1);

  Explosive() {
    EXPLOSIONS.set(0);
    LAST.set(-1);
  }

  static void explode(ConversationClient client) {
    client.sendRaw(BOMB, BOMB);
  }

  /** Failures so far. */
  static int explosions() {
    return EXPLOSIONS.get();
  }

  @Override
  public void define(StreamExecutionEnvironment environment, AgentConfiguration configuration) {
    OperatorSettings settings =
        configuration
            .conversations()
            .operatorSettings(ModelHostProvider.of(configuration.model().hostSettings()));
    AgentDataflow.define(
        environment,
        configuration,
        (target, records) ->
            Dataflow.build(
                target, records.map(new Fuse()).returns(InboundRecord.TYPE).uid("fuse"), settings));
  }

  private static final class Fuse implements MapFunction<InboundRecord, InboundRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public InboundRecord map(InboundRecord record) {
      if (Arrays.equals(record.key(), BOMB) && record.offset() > LAST.get()) {
        LAST.set(record.offset());
        EXPLOSIONS.incrementAndGet();
        throw new IllegalStateException("a bomb in the stream");
      }
      return record;
    }
  }
}
