package io.antiphon.operators.listening;

import io.antiphon.operators.flink.OrderedStageOperator;
import io.antiphon.operators.message.ConversationMessage;
import io.antiphon.operators.message.ConversationMessage.Frames;
import io.antiphon.operators.message.ConversationMessage.Samples;
import io.antiphon.operators.message.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.message.ConversationMessage.Window;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/**
 * Caller audio to encoder frames at the token rate: log-mel as a stream, every complete window to
 * the encoder at once while the caller is still speaking. Carries the log-mel stream of the turn.
 */
public final class SpeechEncoderOperator extends OrderedStageOperator<LogMel> {
  private static final long serialVersionUID = 1L;

  private transient Counter windows;

  public SpeechEncoderOperator(
      StreamOperatorParameters<ConversationMessage> parameters, OperatorSettings settings) {
    super(parameters, "speech-tokenizer", settings);
  }

  @Override
  public void open() throws Exception {
    windows = getMetricGroup().counter("windowsEncoded");
    super.open();
  }

  @Override
  protected List<ConversationMessage> accept(Lane<LogMel> lane, ConversationMessage input) {
    if (input instanceof Samples samples) {
      if (lane.carry() == null) {
        lane.carry(host().bundle().logMel());
      }
      List<ConversationMessage> out = new ArrayList<>();
      for (MelWindow window : lane.carry().append(samples.samples())) {
        out.add(new Window(input.conversation(), window.mel(), window.frames(), -1));
      }
      return out;
    }
    if (input instanceof UserTurnEnded ended) {
      List<ConversationMessage> out =
          ended.failure() == null && lane.carry() != null
              ? tail(input.conversation(), lane.carry())
              : new ArrayList<>();
      out.add(input);
      return out;
    }
    return List.of(input);
  }

  private static List<ConversationMessage> tail(String conversation, LogMel logMel) {
    List<ConversationMessage> out = new ArrayList<>();
    long samples = logMel.samples();
    List<MelWindow> windows = logMel.finish();
    for (int i = 0; i < windows.size(); i++) {
      MelWindow window = windows.get(i);
      out.add(
          new Window(
              conversation, window.mel(), window.frames(), i == windows.size() - 1 ? samples : -1));
    }
    if (windows.isEmpty()) {
      out.add(new Frames(conversation, new float[0], samples));
    }
    return out;
  }

  @Override
  protected CompletableFuture<ConversationMessage> work(ConversationMessage request) {
    if (!(request instanceof Window window)) {
      return null;
    }
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
