package io.antiphon.operators.dialogue;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.operators.flink.KeyedStateStore;
import io.antiphon.operators.flink.MailboxOperator;
import io.antiphon.operators.message.AnswerOutcome;
import io.antiphon.operators.message.ConversationMessage.DialogueInput;
import io.antiphon.operators.message.OutputMessage;
import io.antiphon.operators.message.OutputMessage.AnswerCompleted;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.schemas.FinishReason;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * Group embeddings and written turns to answers: text records, tool calls and speech ids, as they
 * are made. Keyed state is the dialogue's log; the key-value cache at the host is rebuilt from it.
 */
public final class DialogueOperator
    extends MailboxOperator<DialogueInput, OutputMessage, ConversationDialogue, DialogueState> {
  private static final long serialVersionUID = 1L;
  private static final String STATE = "response";

  /** Conversations that are over or never began, whose notices are counted on. */
  private static final int MOST_FORGOTTEN = 10_000;

  private final OperatorSettings behaviour;
  private transient Map<String, Long> noticed;
  private transient Map<FinishReason, Counter> answers;
  private transient Counter textTokens;
  private transient Counter speechTokens;

  public DialogueOperator(
      StreamOperatorParameters<OutputMessage> parameters, OperatorSettings settings) {
    super(parameters, STATE, new DialogueStateSerializer(), settings);
    this.behaviour = settings;
  }

  @Override
  protected KeyedStateStore<DialogueState> logs(KeyedStateBackend<String> backend)
      throws Exception {
    return new DialogueStateStore(backend, STATE);
  }

  @Override
  public void open() throws Exception {
    MetricGroup metrics = getMetricGroup();
    noticed = new LinkedHashMap<>();
    answers = new EnumMap<>(FinishReason.class);
    for (FinishReason reason : FinishReason.values()) {
      answers.put(reason, metrics.addGroup("finishReason", reason.name()).counter("answers"));
    }
    textTokens = metrics.counter("textTokens");
    speechTokens = metrics.counter("speechTokens");
    super.open();
    requirePrompt(host().bundle().manifest());
    host().bundle().digest(); // read now, and not when the first answer is over
    ModelHostMetrics.register(host().metrics(), metrics.addGroup("modelHost"));
  }

  private static void requirePrompt(Manifest manifest) {
    if (manifest.prompt().isEmpty()) {
      throw new ConfigurationException(
          "Bundle " + manifest.name(),
          List.of(
              "prompt is missing, expected for a bundle that converses: export a checkpoint that has"
                  + " its tokenizer"));
    }
  }

  /**
   * Nothing waits: a conversation has one answer under way, what comes behind it is bounded, and an
   * interruption must get through.
   */
  @Override
  protected boolean waits(DialogueInput input) {
    return false;
  }

  @Override
  protected String conversation(DialogueInput input) {
    return input.conversation();
  }

  @Override
  protected void process(ConversationDialogue dialogue, DialogueInput input) {
    dialogue.accept(input);
  }

  @Override
  protected boolean over(ConversationDialogue dialogue) {
    return dialogue.over();
  }

  /**
   * Keeps the number of a forgotten conversation's notices: none may have the number of another.
   */
  @Override
  protected void forgotten(String id, ConversationDialogue dialogue) {
    noticed.remove(id);
    noticed.put(id, dialogue.notices());
    if (noticed.size() > MOST_FORGOTTEN) {
      noticed.remove(noticed.keySet().iterator().next());
    }
  }

  @Override
  protected ConversationDialogue make(String id) {
    return new ConversationDialogue(
        id,
        noticed.getOrDefault(id, 0L),
        host(),
        behaviour,
        new ConversationDialogue.Outlet() {
          @Override
          public void message(OutputMessage message) {
            count(message);
            emit(message);
          }

          @Override
          public void began() {
            DialogueOperator.this.began();
          }

          @Override
          public void finished() {
            DialogueOperator.this.finished();
          }

          @Override
          public void handOver(ThrowingRunnable<? extends Exception> action) {
            DialogueOperator.this.handOver(id, action);
          }
        });
  }

  private void count(OutputMessage message) {
    if (message instanceof AnswerCompleted completed) {
      AnswerOutcome outcome = completed.outcome();
      Objects.requireNonNull(answers.get(outcome.finishReason())).inc();
      textTokens.inc(outcome.textTokens());
      speechTokens.inc(outcome.speechTokens());
    }
  }

  @Override
  protected DialogueState log(ConversationDialogue dialogue) {
    return dialogue.log();
  }

  @Override
  protected ConversationDialogue restore(String id, DialogueState log) {
    ConversationDialogue dialogue = make(id);
    try {
      dialogue.restore(log);
    } catch (RuntimeException e) {
      dialogue.close(); // it is not among the live ones yet
      throw e;
    }
    return dialogue;
  }

  @Override
  protected void release() {
    live().values().forEach(ConversationDialogue::close);
  }
}
