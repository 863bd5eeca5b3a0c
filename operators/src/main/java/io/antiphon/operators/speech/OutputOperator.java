package io.antiphon.operators.speech;

import io.antiphon.operators.flink.MailboxOperator;
import io.antiphon.operators.message.OutputMessage;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * The last stage: puts what answers say into its order and makes coded audio of speech ids, chunk
 * by chunk. Text leaves by the side output {@link #TEXT} and is not touched by the detokenizer; a
 * TurnCompleted waits for its answer's audio, and its turn's record leaves by {@link #COMPLETED}
 * behind it. Before a checkpoint the chunks under way (one for each conversation at most) are
 * waited for, so that the detokenizer's state is exact.
 */
public final class OutputOperator
    extends MailboxOperator<OutputMessage, SpeechResponse, ConversationOutput, OutputState> {
  public static final OutputTag<TextResponse> TEXT =
      new OutputTag<>("text-responses", AvroSerializers.TEXT);
  public static final OutputTag<CompletedTurn> COMPLETED =
      new OutputTag<>("completed-turns", AvroSerializers.COMPLETED_TURN);

  private static final long serialVersionUID = 1L;

  private transient Counter pieces;
  private transient Counter brokenSamples;
  private transient StageLatencyMetrics stages;

  public OutputOperator(
      StreamOperatorParameters<SpeechResponse> parameters, OperatorSettings settings) {
    super(parameters, "detokenizer", new OutputStateSerializer(), settings);
  }

  @Override
  public void open() throws Exception {
    pieces = getMetricGroup().counter("speechPieces");
    brokenSamples = getMetricGroup().counter("brokenSamples");
    stages = new StageLatencyMetrics(getMetricGroup());
    super.open();
  }

  /** Nothing waits: a conversation has one chunk under way. */
  @Override
  protected boolean waits(OutputMessage input) {
    return false;
  }

  @Override
  protected String conversation(OutputMessage input) {
    return input.conversation();
  }

  @Override
  protected void process(ConversationOutput voice, OutputMessage input) {
    voice.accept(input);
  }

  @Override
  protected boolean over(ConversationOutput voice) {
    return voice.idle();
  }

  @Override
  protected ConversationOutput make(String id) {
    return new ConversationOutput(
        id,
        host(),
        new ConversationOutput.Outlet() {
          @Override
          public void speech(SpeechResponse piece) {
            pieces.inc();
            emit(piece);
          }

          @Override
          public void text(TextResponse text) {
            output.collect(TEXT, new StreamRecord<>(text));
          }

          @Override
          public void completed(CompletedTurn turn) {
            stages.add(turn.getLatencies());
            output.collect(COMPLETED, new StreamRecord<>(turn));
          }

          @Override
          public void await(CompletableFuture<float[]> chunk, DetokenizerSession session) {
            submit(
                id,
                chunk,
                pcm -> {
                  ConversationOutput voice = find(id);
                  if (voice != null) {
                    voice.decoded(session, pcm);
                  }
                });
          }

          @Override
          public void broken(int samples) {
            brokenSamples.inc(samples);
          }
        });
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    super.prepareSnapshotPreBarrier(checkpointId);
    live().values().forEach(ConversationOutput::pause);
    drainUntil(() -> live().values().stream().noneMatch(ConversationOutput::underWay));
    later(() -> resumeAll());
  }

  private void resumeAll() {
    for (String id : List.copyOf(live().keySet())) {
      setCurrentKey(id);
      ConversationOutput voice = find(id);
      if (voice != null) {
        voice.resume();
      }
      settle(id);
    }
  }

  @Override
  protected OutputState log(ConversationOutput voice) {
    return voice.log();
  }

  @Override
  protected ConversationOutput restore(String id, OutputState log) {
    ConversationOutput voice = make(id);
    try {
      voice.restore(log);
    } catch (RuntimeException e) {
      voice.close(); // it is not among the live ones yet
      throw e;
    }
    handOver(id, voice::resume);
    return voice;
  }

  @Override
  public void endInput() throws Exception {
    resumeAll();
    super.endInput();
  }

  @Override
  protected void release() {
    live().values().forEach(ConversationOutput::close);
  }
}
