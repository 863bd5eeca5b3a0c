package io.antiphon.operators.listening;

import io.antiphon.operators.flink.OrderedStageOperator;
import io.antiphon.operators.message.ConversationMessage;
import io.antiphon.operators.message.ConversationMessage.FrameGroups;
import io.antiphon.operators.message.ConversationMessage.Frames;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.speech.FrameGrouper;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/**
 * Encoder frames to the shared LLM's group embeddings, k frames to one. Carries the frames of the
 * turn that have no complete group yet.
 */
public final class GroupingOperator extends OrderedStageOperator<FrameGrouper> {
  private static final long serialVersionUID = 1L;

  private transient Counter groups;

  public GroupingOperator(
      StreamOperatorParameters<ConversationMessage> parameters, OperatorSettings settings) {
    super(parameters, "grouping", settings);
  }

  @Override
  public void open() throws Exception {
    groups = getMetricGroup().counter("groups");
    super.open();
  }

  @Override
  protected List<ConversationMessage> accept(Lane<FrameGrouper> lane, ConversationMessage input) {
    if (input instanceof Frames frames) {
      if (lane.carry() == null) {
        lane.carry(host().bundle().frameGrouper());
      }
      float[] complete;
      if (frames.turnSamples() < 0) {
        complete = lane.carry().append(frames.frames());
      } else {
        complete = lane.carry().finish(frames.frames(), frames.turnSamples());
        lane.carry(null);
      }
      Manifest manifest = host().bundle().manifest();
      int size = manifest.audio().groupSize() * manifest.sharedLlm().hiddenSize();
      return complete.length == 0
          ? List.of()
          : List.of(new FrameGroups(input.conversation(), complete, complete.length / size));
    }
    return List.of(input);
  }

  @Override
  protected CompletableFuture<ConversationMessage> work(ConversationMessage request) {
    if (!(request instanceof FrameGroups waiting)) {
      return null;
    }
    groups.inc(waiting.count());
    return host()
        .group(waiting.frames(), waiting.count())
        .thenApply(result -> new Groups(waiting.conversation(), result, waiting.count()));
  }

  @Override
  protected byte[] save(FrameGrouper carry) {
    return carry.state();
  }

  @Override
  protected FrameGrouper load(byte[] carry) {
    FrameGrouper grouper = host().bundle().frameGrouper();
    grouper.restore(carry);
    return grouper;
  }
}
