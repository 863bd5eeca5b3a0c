package io.antiphon.operators;

import io.antiphon.operators.calls.CallAnswer;
import io.antiphon.operators.calls.CallInput;
import io.antiphon.operators.calls.CallOperator;
import io.antiphon.operators.calls.CallSettings;
import io.antiphon.operators.calls.RuledEvent;
import io.antiphon.operators.calls.Summarizer;
import io.antiphon.operators.calls.Transcriber;
import io.antiphon.operators.flink.KeyedOperatorFactory;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;

/**
 * The operator of calls in a harness. Texts come when a test says so; what is written down depends
 * on every sample of the utterance.
 */
final class CallHarness implements AutoCloseable {
  static final String COMPLETED_TURNS = "completed-turns";
  static final Duration IDLE = Duration.ofSeconds(60);

  final List<CallSegment> segments = new ArrayList<>();
  final List<CallSegment> originals = new ArrayList<>();
  final List<CallMetrics> metrics = new ArrayList<>();
  final List<CallEvent> events = new ArrayList<>();
  final List<CallSummary> summaries = new ArrayList<>();
  final List<DeadLetter> deadLetters = new ArrayList<>();
  final FakeHost host;
  private final Deque<Runnable> texts = new ArrayDeque<>();
  private final KeyedOneInputStreamOperatorTestHarness<String, CallInput, CallSummary> operator;

  /** How many texts of summaries were asked for. */
  int summariesAsked;

  private String rules;
  private boolean atOnce;
  private long checkpoints;

  /**
   * @param state null to begin with nothing
   * @param rules in force, as JSON; empty for none
   */
  CallHarness(Bundle bundle, String rules, Transcriber transcriber, OperatorSubtaskState state)
      throws Exception {
    this(bundle, rules, transcriber, null, state, UnaryOperator.identity());
  }

  /**
   * @param changed makes other settings of those that tests have
   */
  CallHarness(
      Bundle bundle,
      String rules,
      Transcriber transcriber,
      OperatorSubtaskState state,
      UnaryOperator<CallSettings> changed)
      throws Exception {
    this(bundle, rules, transcriber, null, state, changed);
  }

  /**
   * @param summarizer null where the template writes the summaries
   */
  CallHarness(
      Bundle bundle,
      String rules,
      Transcriber transcriber,
      Summarizer summarizer,
      OperatorSubtaskState state)
      throws Exception {
    this(bundle, rules, transcriber, summarizer, state, UnaryOperator.identity());
  }

  private CallHarness(
      Bundle bundle,
      String rules,
      Transcriber transcriber,
      Summarizer summarizer,
      OperatorSubtaskState state,
      UnaryOperator<CallSettings> changed)
      throws Exception {
    this.rules = rules;
    this.host = new FakeHost(bundle, 400, FakeModel.ECHO);
    OperatorSettings common =
        new OperatorSettings(
            () -> {
              host.references++;
              return host;
            },
            Chain.MAXIMUM_RECORD_BYTES,
            8,
            Duration.ofMillis(500),
            IDLE,
            Duration.ofSeconds(30),
            3,
            Duration.ZERO,
            Duration.ZERO,
            100);
    CallSettings settings =
        changed.apply(
            new CallSettings(
                common,
                ignored -> later(transcriber),
                summarizer == null ? null : ignored -> later(summarizer),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                true,
                COMPLETED_TURNS,
                false));
    operator =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedOperatorFactory<CallInput, CallSummary>(
                CallOperator.class,
                (parameters, operators) -> new CallOperator(parameters, settings),
                common),
            CallInput::conversation,
            Types.STRING);
    operator.setup(new AvroSerializers.Summary());
    if (state == null) {
      operator.initializeEmptyState();
    } else {
      operator.initializeState(state);
    }
    operator.open();
  }

  private Transcriber later(Transcriber transcriber) {
    return (name, samples, timed) -> later(() -> transcriber.transcribe(name, samples, timed));
  }

  private Summarizer later(Summarizer summarizer) {
    return (name, transcript) -> {
      summariesAsked++;
      return later(() -> summarizer.summarize(name, transcript));
    };
  }

  private <T> CompletableFuture<T> later(Supplier<CompletableFuture<T>> work) {
    if (atOnce) {
      return work.get();
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    texts.add(
        () ->
            work.get()
                .whenComplete(
                    (done, error) -> {
                      if (error == null) {
                        result.complete(done);
                      } else {
                        result.completeExceptionally(error);
                      }
                    }));
    return result;
  }

  CallHarness send(InboundRecord... records) throws Exception {
    for (InboundRecord record : records) {
      if (record.topic().equals(COMPLETED_TURNS)) {
        operator.processElement(new StreamRecord<>(CallAnswer.decode(record)));
        continue;
      }
      ConversationEvent event =
          Records.decode(ConversationEvent.class, record.value(), Chain.MAXIMUM_RECORD_BYTES);
      operator.processElement(
          new StreamRecord<>(new RuledEvent(new InboundEvent(record, event), rules)));
    }
    return take();
  }

  /** What is in force from now on. */
  void rules(String json) {
    rules = json;
  }

  /** Gives so many of the texts that are awaited, the oldest first. */
  CallHarness recognise(int most) throws Exception {
    for (int i = 0; i < most && !texts.isEmpty(); i++) {
      texts.remove().run();
    }
    return take();
  }

  /** Gives all texts that are awaited. */
  CallHarness settle() throws Exception {
    while (!texts.isEmpty()) {
      recognise(texts.size());
    }
    return take();
  }

  CallHarness advance(Duration time) throws Exception {
    operator.setProcessingTime(operator.getProcessingTime() + time.toMillis());
    return take();
  }

  CallHarness endInput() throws Exception {
    // The operator waits for the texts on the thread that gives them here.
    atOnce = true;
    while (!texts.isEmpty()) {
      texts.remove().run();
    }
    operator.endInput();
    return take();
  }

  OperatorSubtaskState snapshot() throws Exception {
    checkpoints++;
    return operator.snapshot(checkpoints, checkpoints);
  }

  /** Bytes of all calls in state, with a checkpoint of their own. */
  long stateBytesAfterSnapshot() throws Exception {
    snapshot();
    return ((CallOperator) operator.getOneInputOperator()).stateBytes();
  }

  private CallHarness take() throws Exception {
    Harnesses.runMails(operator);
    Harnesses.take(operator.getSideOutput(CallOperator.SEGMENTS), segments);
    Harnesses.take(operator.getSideOutput(CallOperator.EVENTS), events);
    Harnesses.take(operator.getSideOutput(CallOperator.METRICS), metrics);
    Harnesses.take(operator.getSideOutput(CallOperator.ORIGINALS), originals);
    Harnesses.take(operator.getSideOutput(DeadLetters.TAG), deadLetters);
    for (Object next = operator.getOutput().poll();
        next != null;
        next = operator.getOutput().poll()) {
      @SuppressWarnings("unchecked") // the harness's queue is of objects
      StreamRecord<CallSummary> summary = (StreamRecord<CallSummary>) next;
      summaries.add(summary.getValue());
    }
    return this;
  }

  /**
   * Segments, events and metrics by their identity.
   *
   * @throws AssertionError when one identity has two values
   */
  static Map<String, String> live(List<CallHarness> lives) {
    Map<String, String> live = new TreeMap<>();
    for (CallHarness life : lives) {
      life.segments.forEach(
          each ->
              put(
                  live,
                  each.getConversationId(),
                  each.getSegmentId() + " " + each.getRevision(),
                  each));
      life.originals.forEach(
          each -> put(live, each.getConversationId(), "original " + each.getSegmentId(), each));
      life.metrics.forEach(
          each -> put(live, each.getConversationId(), "metrics " + each.getRevision(), each));
      life.events.forEach(
          each ->
              put(
                  live,
                  each.getConversationId(),
                  each.getEventId() + " " + each.getRevision(),
                  each));
    }
    return live;
  }

  private static void put(Map<String, String> live, String call, String name, Object value) {
    String before = live.put(call + " " + name, value.toString());
    if (before != null && !before.equals(value.toString())) {
      throw new AssertionError(call + " " + name + " was " + before + " and is " + value);
    }
  }

  @Override
  public void close() throws Exception {
    operator.close();
  }
}
