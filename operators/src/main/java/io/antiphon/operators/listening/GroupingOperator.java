package io.antiphon.operators.listening;

import io.antiphon.operators.flink.OrderedStageOperator;
import io.antiphon.operators.message.ConversationMessage.DialogueInput;
import io.antiphon.operators.message.ConversationMessage.FrameGroups;
import io.antiphon.operators.message.ConversationMessage.Frames;
import io.antiphon.operators.message.ConversationMessage.GroupingInput;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.speech.FrameGrouper;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/**
 * Encoder frames to the shared LLM's group embeddings, k frames to one. Carries the frames of the
 * turn that have no complete group yet.
 */
public final class GroupingOperator
    extends OrderedStageOperator<GroupingInput, FrameGroups, DialogueInput, FrameGrouper> {
  private static final long serialVersionUID = 1L;

  private transient Counter groups;

  public GroupingOperator(
      StreamOperatorParameters<DialogueInput> parameters, OperatorSettings settings) {
    super(parameters, "grouping", settings, FrameGroups.class, DialogueInput.class);
  }

  @Override
  public void open() throws Exception {
    groups = getMetricGroup().counter("groups");
    super.open();
  }

  @Override
  protected void listen(Lane<DialogueInput, FrameGrouper> lane, GroupingInput audio) {
    Frames frames = (Frames) audio;
    FrameGrouper grouper =
        Objects.requireNonNullElseGet(lane.carry(), () -> host().bundle().frameGrouper());
    float[] complete;
    if (frames.turnSamples() < 0) {
      complete = grouper.append(frames.frames());
      lane.carry(grouper);
    } else {
      complete = grouper.finish(frames.frames(), frames.turnSamples());
      lane.carry(null);
    }
    if (complete.length > 0) {
      Manifest manifest = host().bundle().manifest();
      int size = manifest.audio().groupSize() * manifest.sharedLlm().hiddenSize();
      work(lane, new FrameGroups(lane.conversation(), complete, complete.length / size));
    }
  }

  @Override
  protected CompletableFuture<Groups> begin(FrameGroups waiting) {
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
