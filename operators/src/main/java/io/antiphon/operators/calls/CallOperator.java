package io.antiphon.operators.calls;

import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import io.antiphon.operators.flink.ConversationTimers;
import io.antiphon.operators.flink.MailboxOperator;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.ModelIdentity;
import io.antiphon.serde.audio.SampleCoding;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Call analytics: records of calls in, their summaries out. Segments, events, running figures and
 * dead letters leave by side outputs. Everything goes by media time, so there are no watermarks.
 * Texts come back by the mailbox.
 */
public final class CallOperator extends MailboxOperator<CallInput, CallSummary, LiveCall, CallState>
    implements Triggerable<String, VoidNamespace> {
  public static final OutputTag<CallSegment> SEGMENTS =
      new OutputTag<>("call-segments", AvroSerializers.CALL_SEGMENT);
  public static final OutputTag<CallEvent> EVENTS =
      new OutputTag<>("call-events", AvroSerializers.CALL_EVENT);
  public static final OutputTag<CallMetrics> METRICS =
      new OutputTag<>("call-metrics", AvroSerializers.CALL_METRICS);
  public static final OutputTag<CallSegment> ORIGINALS =
      new OutputTag<>("call-segments-original", AvroSerializers.CALL_SEGMENT);

  private static final long serialVersionUID = 1L;

  private final CallSettings settings;
  private transient ConversationTimers timers;
  private transient @Nullable Transcriber transcriber;

  /** Null: the template writes. */
  private transient @Nullable Summarizer summarizer;

  private transient Map<String, Counter> deadLetters;
  private transient Counter ignoredRecords;
  private transient Counter callsStarted;
  private transient Counter callsSummarized;
  private transient Counter unrecognized;
  private transient Counter summarizedByModel;

  public CallOperator(StreamOperatorParameters<CallSummary> parameters, CallSettings settings) {
    super(parameters, "call", new CallStateSerializer(), settings.operators());
    this.settings = settings;
  }

  @Override
  public void open() throws Exception {
    deadLetters = new HashMap<>();
    ignoredRecords = getMetricGroup().counter("ignoredRecords");
    callsStarted = getMetricGroup().counter("callsStarted");
    callsSummarized = getMetricGroup().counter("callsSummarized");
    unrecognized = getMetricGroup().counter("utterancesUnrecognized");
    summarizedByModel = getMetricGroup().counter("summariesByModel");
    timers =
        new ConversationTimers(
            getInternalTimerService("calls", VoidNamespaceSerializer.INSTANCE, this));
    timers.forgetAll(this);
    super.open();
  }

  /** A host that cannot do what the settings ask for is refused before the first call. */
  @Override
  protected void opened() {
    CallSettings.SummarizerFactory factory = settings.summarizer();
    summarizer = factory == null ? null : factory.of(host());
  }

  @Override
  protected void process(LiveCall call, CallInput input) {
    if (input instanceof CallAnswer answer) {
      call.accept(answer, timers.now());
    } else if (input instanceof RuledEvent event) {
      call.accept(event, timers.now());
    }
    if (!over(call)) {
      timers.schedule(input.conversation(), call.deadline());
    }
  }

  /** Whoever sends to ids that never began leaves nothing behind. */
  @Override
  protected boolean over(LiveCall call) {
    return call.unknown();
  }

  @Override
  protected void forgotten(String id, LiveCall call) {
    timers.forget(id);
  }

  @Override
  protected boolean waits(CallInput input) {
    return input instanceof RuledEvent;
  }

  @Override
  protected String conversation(CallInput input) {
    return input.conversation();
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) {
    String id = timer.getKey();
    timers.fired(id);
    LiveCall call = find(id);
    if (call == null) {
      return;
    }
    if (call.due(timers.now())) {
      settle(id);
      timers.schedule(id, call.deadline());
    } else {
      remove(id);
    }
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) {
    throw new IllegalStateException("no event-time timer is ever set");
  }

  /** Nothing comes any more: every call that began is summarised. */
  @Override
  public void endInput() throws Exception {
    for (String id : List.copyOf(live().keySet())) {
      setCurrentKey(id);
      LiveCall call = find(id);
      if (call != null) {
        call.finish();
      }
      settle(id);
    }
    super.endInput();
  }

  @Override
  protected LiveCall make(String id) {
    return new LiveCall(
        id,
        settings,
        host().speechDetector(),
        new ModelIdentity(host().bundle().manifest().name(), host().bundle().digest()),
        timers.now(),
        new LiveCall.Outlet() {
          @Override
          public void segment(CallSegment segment) {
            output.collect(SEGMENTS, new StreamRecord<>(segment));
          }

          @Override
          public void original(CallSegment segment) {
            output.collect(ORIGINALS, new StreamRecord<>(segment));
          }

          @Override
          public void metrics(CallMetrics metrics) {
            output.collect(METRICS, new StreamRecord<>(metrics));
          }

          @Override
          public void event(CallEvent event) {
            if (event.getKind().equals(CallEvents.STARTED)) {
              callsStarted.inc();
            }
            output.collect(EVENTS, new StreamRecord<>(event));
          }

          @Override
          public void summary(CallSummary summary) {
            callsSummarized.inc();
            emit(summary);
          }

          @Override
          public void deadLetter(InboundRecord record, Failure failure) {
            countDeadLetter(failure.code());
            output.collect(
                DeadLetters.TAG,
                new StreamRecord<>(
                    DeadLetters.of(
                        record,
                        failure.code(),
                        failure.message(),
                        settings.operators().maximumRecordBytes())));
          }

          @Override
          public void recognise(int channel, int number, long endMillis, short[] samples) {
            CallOperator.this.recognise(id, channel, number, endMillis, samples);
          }

          @Override
          public void summarize(List<TranscriptSegment> transcript) {
            CallOperator.this.summarize(id, transcript);
          }

          @Override
          public void ignored() {
            ignoredRecords.inc();
          }
        });
  }

  /** An utterance that cannot be recognised is lost alone; a host that has ended ends the task. */
  private void recognise(String id, int channel, int number, long endMillis, short[] samples) {
    Transcriber writing = transcriber == null ? settings.transcriber().of(host()) : transcriber;
    transcriber = writing;
    submit(
        id,
        writing
            .transcribe(
                Transcriber.name(id, channel, number, endMillis),
                SampleCoding.toFloats(samples),
                endMillis == CallStream.WHOLE || settings.timedPartials())
            .handle(CallOperator::unlessItFailed),
        words -> {
          if (words.isEmpty() && endMillis == CallStream.WHOLE) {
            unrecognized.inc();
          }
          LiveCall call = find(id);
          if (call != null) {
            call.text(channel, number, endMillis, words.orElse(null));
          }
        });
  }

  /** A summary that the model cannot write is the template's. */
  private void summarize(String id, List<TranscriptSegment> transcript) {
    CompletableFuture<Optional<WrittenSummary>> text =
        summarizer == null
            ? CompletableFuture.completedFuture(Optional.empty())
            : summarizer
                .summarize(id, transcript)
                .handle((written, error) -> unlessItFailed(written, error).flatMap(found -> found));
    submit(
        id,
        text,
        written -> {
          LiveCall call = find(id);
          if (call != null) {
            summarizedByModel.inc(written.isPresent() ? 1 : 0);
            call.summaryText(written.orElse(null));
          }
        });
  }

  private static <T> Optional<T> unlessItFailed(@Nullable T result, @Nullable Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    if (cause instanceof HostClosedException) {
      throw new CompletionException(cause);
    }
    return Optional.ofNullable(result);
  }

  private void countDeadLetter(String code) {
    deadLetters
        .computeIfAbsent(
            code, key -> getMetricGroup().addGroup("deadLetters", key).counter("count"))
        .inc();
  }

  @Override
  protected CallState log(LiveCall call) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      call.save(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return new CallState(bytes.toByteArray());
  }

  @Override
  protected LiveCall restore(String id, CallState log) throws IOException {
    LiveCall call = make(id);
    // The texts that are asked for again come when it is there.
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(log.bytes()))) {
      call.load(in);
    }
    timers.schedule(id, call.deadline());
    return call;
  }

  @Override
  protected void release() {
    // Utterances under way end by themselves.
  }
}
