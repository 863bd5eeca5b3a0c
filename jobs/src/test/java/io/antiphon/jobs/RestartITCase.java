package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.jobs.client.Answer;
import io.antiphon.jobs.client.Caller;
import io.antiphon.jobs.client.Pace;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.jobs.local.LocalService;
import io.antiphon.operators.Dataflow;
import io.antiphon.operators.InboundRecord;
import io.antiphon.operators.ModelHostProvider;
import io.antiphon.operators.OperatorSettings;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TurnEnded;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The job fails in the middle of an answer: the caller gets the same words and the same audio,
 * once.
 */
class RestartITCase {
  private static final byte[] BOMB = "bomb".getBytes(StandardCharsets.UTF_8);
  private static final AtomicInteger EXPLOSIONS = new AtomicInteger();
  private static final int BOMBS = 3;

  private NanoService nano;

  @BeforeEach
  void start() {
    EXPLOSIONS.set(0);
    Fuse.LAST.set(-1);
    nano =
        NanoService.start(
            new Explosive(),
            Map.of("dataflow.checkpointInterval", "50ms", "dataflow.restartDelay", "50ms"));
  }

  @AfterEach
  void stop() {
    nano.close();
  }

  @Test
  void theAnswerGoesOnAsIfNothingHadHappened() throws Exception {
    Answer undisturbed = answer(0);
    assertThat(undisturbed.speech()).isNotEmpty();
    assertThat(nano.service().job().restarts()).isZero();

    Answer disturbed = answer(BOMBS);
    assertThat(EXPLOSIONS.get()).isEqualTo(BOMBS);
    assertThat(nano.service().job().restarts()).isEqualTo(BOMBS);
    assertThat(disturbed.text()).isEqualTo(undisturbed.text());
    assertThat(disturbed.usage()).isEqualTo(undisturbed.usage());
    assertThat(disturbed.speech()).isEqualTo(undisturbed.speech());
  }

  /** An answer during which the job fails so many times, each time after another piece of text. */
  private Answer answer(int bombs) throws Exception {
    try (Caller caller = nano.call(Mode.SPEECH_TO_SPEECH)) {
      caller.speak(Samples.recording(Samples.byId("add")), Pace.IMMEDIATE);
      AtomicInteger thrown = new AtomicInteger();
      return caller.ask(
          new TurnEnded(),
          piece -> {
            if (thrown.get() < bombs) {
              thrown.incrementAndGet();
              nano.client().sendRaw(BOMB, BOMB);
            }
          });
    }
  }

  /** The dataflow with a task that fails at each bomb the first time it comes by. */
  private static final class Explosive implements LocalService.DataflowDefinition {
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
                  target,
                  records.map(new Fuse()).returns(InboundRecord.TYPE).uid("fuse"),
                  settings));
    }
  }

  private static final class Fuse implements MapFunction<InboundRecord, InboundRecord> {
    private static final long serialVersionUID = 1L;
    private static final AtomicInteger LAST = new AtomicInteger(-1);

    @Override
    public InboundRecord map(InboundRecord record) {
      if (Arrays.equals(record.key(), BOMB) && record.offset() > LAST.get()) {
        LAST.set((int) record.offset());
        EXPLOSIONS.incrementAndGet();
        throw new IllegalStateException("a bomb in the stream");
      }
      return record;
    }
  }
}
