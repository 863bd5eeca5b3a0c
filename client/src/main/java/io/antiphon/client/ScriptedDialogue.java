package io.antiphon.client;

import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnEnded;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes turns with the assistant, answering its tool calls where an answer is known. */
public final class ScriptedDialogue {
  /** An assistant that calls tools over and over is stopped. */
  private static final int MAXIMUM_CALLS = 4;

  private final Caller caller;
  private final Optional<String> result;

  /**
   * @param result what every called tool answers; none leaves calls unanswered
   */
  public ScriptedDialogue(Caller caller, Optional<String> result) {
    this.caller = caller;
    this.result = result;
  }

  /**
   * Says a recording.
   *
   * @return the answer, and the answers after each tool's result
   */
  public List<Answer> say(short[] samples, Pace pace, AnswerObserver observer)
      throws ConversationException, InterruptedException {
    caller.speak(samples, pace);
    return follow(ask(new TurnEnded(), observer), observer);
  }

  /** Writes a turn; as {@link #say}. */
  public List<Answer> write(String text, AnswerObserver observer)
      throws ConversationException, InterruptedException {
    return follow(ask(new TextMessage(text), observer), observer);
  }

  private Answer ask(Object event, AnswerObserver observer)
      throws ConversationException, InterruptedException {
    Answer answer = caller.ask(event, observer::onText);
    observer.onAnswer(answer);
    return answer;
  }

  private List<Answer> follow(Answer first, AnswerObserver observer)
      throws ConversationException, InterruptedException {
    List<Answer> answers = new ArrayList<>(List.of(first));
    Answer latest = first;
    for (int calls = 0;
        latest.callsTool() && result.isPresent() && calls < MAXIMUM_CALLS;
        calls++) {
      List<ToolCall> called = latest.toolCalls();
      for (ToolCall call : called.subList(0, called.size() - 1)) {
        caller.send(new ToolResult(call.getCallId(), result.get()));
      }
      latest =
          ask(new ToolResult(called.get(called.size() - 1).getCallId(), result.get()), observer);
      answers.add(latest);
    }
    return answers;
  }
}
