package io.antiphon.operators.listening;

import io.antiphon.operators.flink.OrderedStageOperator;
import io.antiphon.operators.message.ConversationMessage.EncoderInput;
import io.antiphon.operators.message.ConversationMessage.Frames;
import io.antiphon.operators.message.ConversationMessage.GroupingInput;
import io.antiphon.operators.message.ConversationMessage.Samples;
import io.antiphon.operators.message.ConversationMessage.Window;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelWindow;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/**
 * Caller audio to encoder frames at the token rate: log-mel as a stream, every complete window to
 * the encoder at once while the caller is still speaking. Carries the log-mel stream of the turn.
 */
public final class SpeechEncoderOperator
    extends OrderedStageOperator<EncoderInput, Window, GroupingInput, LogMel> {
  private static final long serialVersionUID = 1L;

  private transient Counter windows;

  public SpeechEncoderOperator(
      StreamOperatorParameters<GroupingInput> parameters, OperatorSettings settings) {
    super(parameters, "speech-tokenizer", settings, Window.class, GroupingInput.class);
  }

  @Override
  public void open() throws Exception {
    windows = getMetricGroup().counter("windowsEncoded");
    super.open();
  }

  @Override
  protected void listen(Lane<GroupingInput, LogMel> lane, EncoderInput audio) {
    LogMel logMel = Objects.requireNonNullElseGet(lane.carry(), () -> host().bundle().logMel());
    lane.carry(logMel);
    for (MelWindow window : logMel.append(((Samples) audio).samples())) {
      work(lane, new Window(lane.conversation(), window.mel(), window.frames(), -1));
    }
  }

  @Override
  protected void finish(Lane<GroupingInput, LogMel> lane) {
    LogMel logMel = Objects.requireNonNull(lane.carry(), "the turn has no audio");
    long samples = logMel.samples();
    List<MelWindow> last = logMel.finish();
    for (int i = 0; i < last.size(); i++) {
      MelWindow window = last.get(i);
      long turnSamples = i == last.size() - 1 ? samples : -1;
      work(lane, new Window(lane.conversation(), window.mel(), window.frames(), turnSamples));
    }
    if (last.isEmpty()) {
      leave(lane, new Frames(lane.conversation(), new float[0], samples));
    }
  }

  @Override
  protected CompletableFuture<Frames> begin(Window window) {
    windows.inc();
    return host()
        .encode(window.mel(), window.frames())
        .thenApply(frames -> new Frames(window.conversation(), frames, window.turnSamples()));
  }

  @Override
  protected byte[] save(LogMel carry) {
    return carry.state();
  }

  @Override
  protected LogMel load(byte[] carry) {
    LogMel logMel = host().bundle().logMel();
    logMel.restore(carry);
    return logMel;
  }
}
