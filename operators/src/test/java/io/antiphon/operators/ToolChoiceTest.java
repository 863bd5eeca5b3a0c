package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AnswerRequested;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SettingsChanged;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.junit.jupiter.api.Test;

/** Answers that must call a tool: the text begins with the call, and the model goes on. */
class ToolChoiceTest extends OneCaller {
  private static final List<String> TOOLS = List.of("{\"name\":\"get\"}", "{\"name\":\"put\"}");

  private final List<String> prompts = new ArrayList<>();

  /** Goes on with a call that has begun. */
  @Override
  FakeModel model() {
    return prompt -> {
      prompts.add(prompt);
      if (prompt.endsWith("<call>{\"name\":")) {
        return " \"put\", \"arguments\": {\"b\": 2}}</call>";
      }
      if (prompt.endsWith(", \"arguments\":")) {
        return " {\"a\": 1}}</call>";
      }
      return "ok";
    };
  }

  private InboundRecord started(Mode mode, String choice) {
    return script.event(
        Script.settings(mode).setInstructions("i").setTools(TOOLS).setToolChoice(choice).build());
  }

  private InboundRecord ask(String choice) {
    return script.event(AnswerRequested.newBuilder().setToolChoice(choice).build());
  }

  private List<FinishReason> reasons() {
    return chain.bodies(TurnCompleted.class).stream().map(TurnCompleted::getFinishReason).toList();
  }

  @Test
  void aNamedToolIsCalledWhateverWasAsked() throws Exception {
    chain.play(
        started(Mode.SPEECH_TO_SPEECH, "get"),
        script.text("one"),
        script.audio(810),
        script.ended());
    assertThat(chain.bodies(ToolCall.class))
        .containsExactly(
            new ToolCall("call-0-0", "get", "{\"a\":1}"),
            new ToolCall("call-1-0", "get", "{\"a\":1}"));
    assertThat(reasons()).containsExactly(FinishReason.TOOL_CALL, FinishReason.TOOL_CALL);
    assertThat(chain.bodies(TextDelta.class)).as("nothing of a call is shown").isEmpty();
  }

  @Test
  void requiredLeavesTheToolToTheModelAndARequestCountsMoreThanTheConversation() throws Exception {
    chain.play(
        started(Mode.SPEECH_TO_TEXT, "get"),
        script.text("one"),
        ask("required"),
        ask("auto"),
        ask("put"));
    assertThat(chain.bodies(ToolCall.class))
        .extracting(ToolCall::getName, ToolCall::getArguments)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("get", "{\"a\":1}"),
            org.assertj.core.groups.Tuple.tuple("put", "{\"b\":2}"),
            org.assertj.core.groups.Tuple.tuple("put", "{\"a\":1}"));
    // The calls stand whole in the history, as if the model had written all of them.
    assertThat(prompts.get(2))
        .contains("A:<call>{\"name\": \"get\", \"arguments\": {\"a\": 1}}</call>")
        .contains("A:<call>{\"name\": \"put\", \"arguments\": {\"b\": 2}}</call>");
  }

  @Test
  void requiredOfOneToolIsThatTool() throws Exception {
    chain.play(
        script.event(
            Script.settings(Mode.SPEECH_TO_TEXT)
                .setInstructions("i")
                .setTools(TOOLS.subList(0, 1))
                .setToolChoice("required")
                .build()),
        script.text("one"));
    assertThat(chain.bodies(ToolCall.class))
        .containsExactly(new ToolCall("call-0-0", "get", "{\"a\":1}"));
  }

  @Test
  void theChoiceChangesInMidConversation() throws Exception {
    chain.play(started(Mode.SPEECH_TO_TEXT, "auto"), script.text("one"));
    chain.play(
        script.event(SettingsChanged.newBuilder().setToolChoice("put").build()),
        script.text("two"));
    chain.play(
        script.event(SettingsChanged.newBuilder().setInstructions("j").build()),
        script.text("three"));
    assertThat(reasons())
        .containsExactly(FinishReason.STOP, FinishReason.TOOL_CALL, FinishReason.TOOL_CALL);
  }

  @Test
  void aToolThatIsNotOfferedIsRefusedByName() throws Exception {
    chain.play(
        script.event(
            Script.settings(Mode.SPEECH_TO_TEXT).setInstructions("i").setTools(TOOLS).build()),
        script.text("one"),
        ask("steal"),
        script.event(AnswerRequested.newBuilder().setTools(TOOLS).setToolChoice("steal").build()),
        script.event(
            AnswerRequested.newBuilder().setTools(List.of()).setToolChoice("required").build()),
        script.text("two"));
    assertThat(chain.bodies(ConversationFailed.class))
        .extracting(ConversationFailed::getCode)
        .containsExactly(
            FailureCodes.TOOL_NOT_OFFERED,
            FailureCodes.UNSUPPORTED_EVENT,
            FailureCodes.UNSUPPORTED_EVENT);
    assertThat(chain.bodies(ConversationFailed.class))
        .extracting(ConversationFailed::getMessage)
        .allMatch(message -> message.contains("steal") || message.contains("required"));
    assertThat(reasons())
        .containsExactly(FinishReason.STOP, FinishReason.FAILED, FinishReason.STOP);
  }

  @Test
  void restoredAnywhereTheCallIsTheSame() throws Exception {
    List<InboundRecord> story =
        List.of(started(Mode.SPEECH_TO_TEXT, "get"), script.text("one"), ask("required"));
    for (int sent = 0; sent <= story.size(); sent++) {
      for (int work = 0; work < 40; work += 3) {
        List<ToolCall> calls = new ArrayList<>();
        Chain first = Chain.on(new HashMapStateBackend(), bundle, model(), null);
        first.send(story.subList(0, sent).toArray(InboundRecord[]::new)).work(work);
        List<OperatorSubtaskState> states = first.snapshot();
        calls.addAll(first.bodies(ToolCall.class));
        first.close();
        try (Chain second = Chain.on(new HashMapStateBackend(), bundle, model(), states)) {
          second.send(story.subList(sent, story.size()).toArray(InboundRecord[]::new)).settle();
          calls.addAll(second.bodies(ToolCall.class));
        }
        assertThat(calls)
            .as("after %d records and %d pieces of work", sent, work)
            .containsExactly(
                new ToolCall("call-0-0", "get", "{\"a\":1}"),
                new ToolCall("call-1-0", "put", "{\"b\":2}"));
      }
    }
  }
}
