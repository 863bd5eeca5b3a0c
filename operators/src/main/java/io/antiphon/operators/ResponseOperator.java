package io.antiphon.operators;

import io.antiphon.operators.AnswerMessage.AnswerCompleted;
import io.antiphon.runtime.ConfigurationException;
import io.antiphon.runtime.Manifest;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.TurnCompleted;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.util.function.ThrowingRunnable;

/**
 * Group embeddings and written turns to answers: text records, tool calls and speech ids, as they
 * are made. Keyed state is the dialogue's log; the key-value cache at the host is rebuilt from it.
 */
final class ResponseOperator
    extends MailboxOperator<ConversationMessage, AnswerMessage, Dialogue, DialogueLog> {
  private static final long serialVersionUID = 1L;
  private static final String STATE = "response";

  private final int maximumWaitingTurns;
  private transient Map<FinishReason, Counter> answers;
  private transient Counter textTokens;
  private transient Counter speechTokens;

  ResponseOperator(StreamOperatorParameters<AnswerMessage> parameters, OperatorSettings settings) {
    super(parameters, STATE, new DialogueLogSerializer(), settings);
    this.maximumWaitingTurns = settings.maximumWaitingTurns();
  }

  @Override
  KeyedLogs<DialogueLog> logs(KeyedStateBackend<String> backend) throws Exception {
    return new DialogueLogs(backend, STATE);
  }

  @Override
  public void open() throws Exception {
    MetricGroup metrics = getMetricGroup();
    answers = new EnumMap<>(FinishReason.class);
    for (FinishReason reason : FinishReason.values()) {
      answers.put(reason, metrics.addGroup("finishReason", reason.name()).counter("answers"));
    }
    textTokens = metrics.counter("textTokens");
    speechTokens = metrics.counter("speechTokens");
    super.open();
    requireTalking(host().bundle().manifest());
    HostGauges.register(host().metrics(), metrics.addGroup("modelHost"));
  }

  private static void requireTalking(Manifest manifest) {
    if (manifest.prompt().isEmpty() || manifest.detokenizer().isEmpty()) {
      throw new ConfigurationException(
          "Bundle " + manifest.name(),
          List.of("a bundle that converses needs a tokenizer, a prompt and a detokenizer"));
    }
  }

  /**
   * Nothing waits: a conversation has one answer under way, what comes behind it is bounded, and an
   * interruption must get through.
   */
  @Override
  boolean waits(ConversationMessage input) {
    return false;
  }

  @Override
  String conversation(ConversationMessage input) {
    return input.conversation();
  }

  @Override
  void process(ConversationMessage input) {
    String id = input.conversation();
    Dialogue dialogue = find(id);
    if (dialogue == null) {
      dialogue = make(id);
      put(id, dialogue);
    }
    dialogue.accept(input);
    forget(id, dialogue);
  }

  private void forget(String id, Dialogue dialogue) {
    if (dialogue.closed()) {
      remove(id);
    }
  }

  private Dialogue make(String id) {
    return new Dialogue(
        id,
        host(),
        maximumWaitingTurns,
        new Dialogue.Outlet() {
          @Override
          public void message(AnswerMessage message) {
            count(message);
            emit(message);
          }

          @Override
          public void began() {
            ResponseOperator.this.began();
          }

          @Override
          public void finished() {
            ResponseOperator.this.finished();
          }

          @Override
          public void handOver(ThrowingRunnable<? extends Exception> action) {
            ResponseOperator.this.handOver(
                id,
                () -> {
                  action.run();
                  Dialogue dialogue = find(id);
                  if (dialogue != null) {
                    forget(id, dialogue);
                  }
                });
          }
        });
  }

  private void count(AnswerMessage message) {
    if (message instanceof AnswerCompleted completed) {
      TurnCompleted body = completed.record().getAnswer();
      answers.get(body.getFinishReason()).inc();
      textTokens.inc(body.getUsage().getTextTokens());
      speechTokens.inc(body.getUsage().getSpeechTokens());
    }
  }

  @Override
  DialogueLog log(Dialogue dialogue) {
    return dialogue.log();
  }

  @Override
  Dialogue restore(String id, DialogueLog log) {
    Dialogue dialogue = make(id);
    try {
      dialogue.restore(log);
    } catch (RuntimeException e) {
      dialogue.close(); // it is not among the live ones yet
      throw e;
    }
    return dialogue;
  }

  @Override
  void release() {
    live().values().forEach(Dialogue::close);
  }
}
