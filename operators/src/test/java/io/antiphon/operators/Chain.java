package io.antiphon.operators;

import io.antiphon.operators.dialogue.DialogueOperator;
import io.antiphon.operators.flink.KeyedOperator;
import io.antiphon.operators.flink.KeyedOperatorFactory;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.input.DecodeFunction;
import io.antiphon.operators.input.InputOperator;
import io.antiphon.operators.listening.GroupingOperator;
import io.antiphon.operators.listening.SpeechEncoderOperator;
import io.antiphon.operators.message.ConversationMessage.DialogueInput;
import io.antiphon.operators.message.ConversationMessage.EncoderInput;
import io.antiphon.operators.message.ConversationMessage.GroupingInput;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundEventSerializer;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.message.OutputMessage;
import io.antiphon.operators.message.OutputMessageSerializer;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.operators.speech.OutputOperator;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.SpeechStarted;
import io.antiphon.schemas.SpeechStopped;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnTaken;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** All operators one behind the other in harnesses, around a {@link FakeHost}. */
public final class Chain extends Responses implements AutoCloseable {
  static final int MAXIMUM_RECORD_BYTES = 1 << 18;

  final FakeHost host;

  private final OneInputStreamOperatorTestHarness<InboundRecord, InboundEvent> decode;
  private final KeyedOneInputStreamOperatorTestHarness<String, InboundEvent, EncoderInput>
      conversation;
  private final KeyedOneInputStreamOperatorTestHarness<String, EncoderInput, GroupingInput>
      tokenizer;
  private final KeyedOneInputStreamOperatorTestHarness<String, GroupingInput, DialogueInput>
      grouping;
  private final KeyedOneInputStreamOperatorTestHarness<String, DialogueInput, OutputMessage>
      response;
  private final KeyedOneInputStreamOperatorTestHarness<String, OutputMessage, SpeechResponse>
      detokenizer;
  private final List<OneInputStreamOperatorTestHarness<?, ?>> stages = new ArrayList<>();
  private long checkpoints;
  private int committedTurns;

  public static Bundle bundle(Path directory) throws IOException {
    return TestBundle.load(directory, 400);
  }

  static Chain open(Bundle bundle, FakeModel model) throws Exception {
    return new Chain(new FakeHost(bundle, 400, model), null);
  }

  /** Opens from a snapshot, around a new host. */
  static Chain restore(Bundle bundle, FakeModel model, List<OperatorSubtaskState> states)
      throws Exception {
    return new Chain(new FakeHost(bundle, 400, model), states);
  }

  /** Opens from a snapshot so long after the beginning of time. */
  static Chain restore(
      Bundle bundle, FakeModel model, List<OperatorSubtaskState> states, Duration time)
      throws Exception {
    return new Chain(
        new FakeHost(bundle, 400, model), states, new HashMapStateBackend(), time.toMillis());
  }

  /** Opens with state in a backend, empty without states. */
  static Chain on(
      StateBackend backend, Bundle bundle, FakeModel model, List<OperatorSubtaskState> states)
      throws Exception {
    return new Chain(new FakeHost(bundle, 400, model), states, backend, 0);
  }

  /** One piece of work at a stage at most; opens empty without states. */
  static Chain narrow(Bundle bundle, FakeModel model, List<OperatorSubtaskState> states)
      throws Exception {
    return new Chain(new FakeHost(bundle, 400, model), states, new HashMapStateBackend(), 0, 1);
  }

  Chain(FakeHost host, List<OperatorSubtaskState> states) throws Exception {
    this(host, states, new HashMapStateBackend(), 0);
  }

  private Chain(FakeHost host, List<OperatorSubtaskState> states, StateBackend backend, long millis)
      throws Exception {
    this(host, states, backend, millis, 100);
  }

  private Chain(
      FakeHost host,
      List<OperatorSubtaskState> states,
      StateBackend backend,
      long millis,
      int maximumPendingWork)
      throws Exception {
    this.host = host;
    OperatorSettings settings =
        new OperatorSettings(
            () -> {
              host.references++;
              return host;
            },
            MAXIMUM_RECORD_BYTES,
            8,
            Duration.ofMillis(500),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            3,
            host.minimumInterruption,
            Duration.ofMillis(250),
            maximumPendingWork);
    decode =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(new DecodeFunction(MAXIMUM_RECORD_BYTES)), 1, 1, 0);
    decode.setup(new InboundEventSerializer());
    decode.open();
    conversation =
        stage(
            InputOperator.class,
            (parameters, common) ->
                new InputOperator(parameters, common, model -> host::transcribe),
            settings,
            InboundEvent::conversation,
            EncoderInput.TYPE.createSerializer(new SerializerConfigImpl()));
    tokenizer =
        stage(
            SpeechEncoderOperator.class,
            SpeechEncoderOperator::new,
            settings,
            message -> message.conversation(),
            GroupingInput.TYPE.createSerializer(new SerializerConfigImpl()));
    grouping =
        stage(
            GroupingOperator.class,
            GroupingOperator::new,
            settings,
            message -> message.conversation(),
            DialogueInput.TYPE.createSerializer(new SerializerConfigImpl()));
    response =
        stage(
            DialogueOperator.class,
            DialogueOperator::new,
            settings,
            message -> message.conversation(),
            new OutputMessageSerializer());
    detokenizer =
        stage(
            OutputOperator.class,
            OutputOperator::new,
            settings,
            OutputMessage::conversation,
            new AvroSerializers.Speech());
    for (int i = stages.size() - 1; i >= 0; i--) {
      stages.get(i).setStateBackend(backend);
      stages.get(i).setProcessingTime(millis);
      if (states == null) {
        stages.get(i).initializeEmptyState();
      } else {
        stages.get(i).initializeState(states.get(i));
      }
      try {
        stages.get(i).open();
      } catch (Exception e) {
        close(); // as the task does
        throw e;
      }
    }
  }

  private <I, O> KeyedOneInputStreamOperatorTestHarness<String, I, O> stage(
      Class<? extends OneInputStreamOperator<I, O>> type,
      KeyedOperatorFactory.Constructor<I, O> constructor,
      OperatorSettings settings,
      KeySelector<I, String> key,
      TypeSerializer<O> output)
      throws Exception {
    KeyedOneInputStreamOperatorTestHarness<String, I, O> stage =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedOperatorFactory<>(type, constructor, settings), key, Types.STRING);
    stage.setup(output);
    stages.add(stage);
    return stage;
  }

  /** Sends records, without doing any of the host's work. */
  Chain send(InboundRecord... records) throws Exception {
    for (InboundRecord record : records) {
      decode.processElement(new StreamRecord<>(record));
      flow();
    }
    return this;
  }

  /** Does all of the host's work. */
  Chain settle() throws Exception {
    flow();
    while (!host.idle()) {
      host.runOne();
      flow();
    }
    return this;
  }

  /** Lets messages flow, while the host works on a thread of its own, until something holds. */
  Chain flowUntil(BooleanSupplier done) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("nothing more comes");
      }
      flow();
    }
    return this;
  }

  /** Does so many pieces of the host's work. */
  Chain work(int pieces) throws Exception {
    for (int i = 0; i < pieces && !host.idle(); i++) {
      host.runOne();
      flow();
    }
    return this;
  }

  /** Sends records and does all of the host's work after each. */
  Chain play(InboundRecord... records) throws Exception {
    for (InboundRecord record : records) {
      send(record).settle();
    }
    return this;
  }

  Chain advance(Duration time) throws Exception {
    for (OneInputStreamOperatorTestHarness<?, ?> stage : stages) {
      stage.setProcessingTime(stage.getProcessingTime() + time.toMillis());
    }
    return settle();
  }

  /** The input is over; the host works on a thread of its own. */
  Chain endInput() throws Exception {
    for (OneInputStreamOperatorTestHarness<?, ?> stage : stages) {
      stage.endInput();
      flow();
    }
    return this;
  }

  /** A checkpoint: the barrier passes the stages in order. */
  List<OperatorSubtaskState> snapshot() throws Exception {
    checkpoints++;
    List<OperatorSubtaskState> states = new ArrayList<>();
    for (OneInputStreamOperatorTestHarness<?, ?> stage : stages) {
      flow();
      if (stage == detokenizer) {
        while (!host.idle() && detokenizerBusy()) {
          host.runOne(); // the real host works by itself while the operator waits for it
        }
      }
      stage.prepareSnapshotPreBarrier(checkpoints);
      collect();
      states.add(stage.snapshot(checkpoints, checkpoints));
    }
    committedTurns = completedTurns.size();
    flow();
    return states;
  }

  private boolean detokenizerBusy() {
    return host.open.stream()
        .anyMatch(session -> session instanceof FakeDetokenizerSession fake && fake.busy());
  }

  /** Moves messages and mails until nothing moves. */
  private void flow() throws Exception {
    boolean moved = true;
    while (moved) {
      moved = false;
      for (OneInputStreamOperatorTestHarness<?, ?> stage : stages) {
        moved |= Harnesses.runMails(stage);
      }
      moved |= Harnesses.pass(decode, conversation);
      moved |= Harnesses.pass(conversation, tokenizer);
      moved |= Harnesses.pass(tokenizer, grouping);
      moved |= Harnesses.pass(grouping, response);
      moved |= Harnesses.pass(response, detokenizer);
    }
    collect();
  }

  private void collect() {
    for (Object next = detokenizer.getOutput().poll();
        next != null;
        next = detokenizer.getOutput().poll()) {
      speech.add((SpeechResponse) ((StreamRecord<?>) next).getValue());
    }
    Harnesses.take(detokenizer.getSideOutput(OutputOperator.TEXT), text);
    Harnesses.take(detokenizer.getSideOutput(OutputOperator.COMPLETED), completedTurns);
    Harnesses.take(decode.getSideOutput(DeadLetters.TAG), deadLetters);
    Harnesses.take(conversation.getSideOutput(DeadLetters.TAG), deadLetters);
  }

  /** Those that had left before the last snapshot, so that a transaction holds them. */
  List<CompletedTurn> committedTurns() {
    return completedTurns.subList(0, committedTurns);
  }

  /** Conversations of which any stage still keeps something. */
  int kept() {
    int kept = 0;
    for (OneInputStreamOperatorTestHarness<?, ?> stage : stages) {
      kept += ((KeyedOperator<?, ?, ?, ?>) stage.getOperator()).live().size();
    }
    return kept;
  }

  /** Processing-time timers that are set. */
  int timers() {
    return conversation.numProcessingTimeTimers();
  }

  /** Bytes that all stages' logs had at the last snapshot. */
  long stateBytes() {
    long bytes = 0;
    for (OneInputStreamOperatorTestHarness<?, ?> stage : stages) {
      bytes += ((KeyedOperator<?, ?, ?, ?>) stage.getOperator()).stateBytes();
    }
    return bytes;
  }

  /** What is told of speech and turns; answers have the time they took in them. */
  static Set<TextResponse> told(List<Chain> chains) {
    Set<TextResponse> told = new LinkedHashSet<>();
    for (Chain chain : chains) {
      for (TextResponse response : chain.text) {
        Object body = response.getBody();
        if (body instanceof SpeechStarted
            || body instanceof SpeechStopped
            || body instanceof TurnTaken) {
          told.add(response);
        }
      }
    }
    return told;
  }

  @Override
  public void close() throws Exception {
    for (OneInputStreamOperatorTestHarness<?, ?> stage : stages) {
      stage.close();
    }
    decode.close();
  }
}
