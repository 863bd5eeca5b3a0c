package io.antiphon.operators.flink;

import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.operators.state.BundleSignature;
import io.antiphon.operators.state.VersionedSerializer;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.ModelHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.function.ThrowingConsumer;
import org.apache.flink.util.function.ThrowingRunnable;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous keyed work: host threads hand results over, the task thread takes them from the
 * mailbox with the conversation's key set. One mail drains many results. A failure of the host
 * fails the task. Everything but {@link #handOver} runs on the task thread.
 */
public abstract class MailboxOperator<I, O, C, L> extends KeyedOperator<I, O, C, L>
    implements BoundedOneInput {
  /** Results taken by one mail at most, so that checkpoints and input get their turn. */
  private static final int RESULTS_PER_MAIL = 256;

  /** A host that gives nothing for so long while a checkpoint waits for it is dead. */
  private static final long HOST_TIMEOUT_SECONDS = 30;

  private static final long serialVersionUID = 1L;

  private record Result(String conversation, ThrowingRunnable<? extends Exception> action) {}

  private final transient MailboxExecutor mailbox;
  private final ModelHostProvider provider;
  private final int maximumPendingWork;
  private final transient LinkedBlockingQueue<Result> results = new LinkedBlockingQueue<>();
  private final transient AtomicBoolean mailPending = new AtomicBoolean();
  private transient volatile boolean closed;
  private transient ListState<String> architecture;
  private transient @Nullable ModelHost host;
  private transient int pendingWork;

  protected MailboxOperator(
      StreamOperatorParameters<O> parameters,
      String stateName,
      VersionedSerializer<L> serializer,
      OperatorSettings settings) {
    super(parameters, stateName, serializer);
    this.mailbox = parameters.getMailboxExecutor();
    this.provider = settings.host();
    this.maximumPendingWork = settings.maximumPendingWork();
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    // A union, because every subtask checks it, also those that a rescaled job has more.
    architecture =
        context
            .getOperatorStateStore()
            .getUnionListState(
                new ListStateDescriptor<>("architecture", StringSerializer.INSTANCE));
  }

  @Override
  public void open() throws Exception {
    host = provider.acquire();
    requireSameArchitecture();
    host.onFailure(
        error ->
            post(
                () -> {
                  throw new IllegalStateException("the model host died", error);
                }));
    opened();
    super.open();
    getMetricGroup().gauge("pendingWork", () -> pendingWork);
  }

  private void requireSameArchitecture() throws Exception {
    List<String> stored = new ArrayList<>();
    architecture.get().forEach(stored::add);
    BundleSignature present = BundleSignature.of(host().bundle());
    if (!stored.isEmpty()) {
      present.requireSame(new BundleSignature(stored), host().bundle().directory().toString());
    }
    boolean first = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
    architecture.update(first ? present.facts() : List.of());
  }

  protected final ModelHost host() {
    return Objects.requireNonNull(host, "the operator is not open");
  }

  /** One input with its key set; a conversation that is over behind it is forgotten. */
  protected abstract void process(C conversation, I input) throws Exception;

  /**
   * Whether an input waits while too much work is under way. Waiting runs the mails of this stage
   * and of those behind it; a barrier stands behind the input, so that no checkpoint is taken
   * between.
   */
  protected abstract boolean waits(I input);

  /**
   * Whether a conversation takes no further input before the host's work for it is done; waiting is
   * as for {@link #waits}.
   */
  protected boolean full(C conversation) {
    return false;
  }

  /** The host is there; what was stored is read next. */
  protected void opened() {}

  /** The key of an input. */
  protected abstract String conversation(I input);

  @Override
  public final void processElement(StreamRecord<I> element) throws Exception {
    I input = element.getValue();
    String conversation = conversation(input);
    if (pendingWork >= maximumPendingWork && waits(input)) {
      while (pendingWork >= maximumPendingWork) {
        mailbox.yield();
      }
      setCurrentKey(conversation); // the mails had other keys
    }
    C present = find(conversation);
    while (present != null && full(present)) {
      mailbox.yield();
      setCurrentKey(conversation);
      present = find(conversation);
    }
    process(findOrMake(conversation), input);
    settle(conversation);
  }

  /**
   * Gives work to the host and its result back to the task thread. Failure of the work fails the
   * task; work that was cancelled, by closing its session, has no result.
   */
  protected final <T> void submit(
      String conversation, CompletableFuture<T> work, ThrowingConsumer<T, Exception> result) {
    began();
    // The dependent stage only hands over; its own future has nobody waiting for it.
    var unused =
        work.whenComplete(
            (value, error) ->
                handOver(
                    conversation,
                    () -> {
                      finished();
                      if (error instanceof CancellationException) {
                        return;
                      }
                      if (error != null) {
                        throw failed(error);
                      }
                      result.accept(value);
                    }));
  }

  /** What to throw for a host's error. */
  public static Exception failed(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return new IllegalStateException(
        cause instanceof HostClosedException
            ? "the model host was closed under its user"
            : "the model host failed: " + cause.getMessage(),
        cause);
  }

  /** Counts a piece of work as under way until {@link #finished()}. */
  protected final void began() {
    pendingWork++;
  }

  protected final void finished() {
    pendingWork--;
  }

  /**
   * Runs an action on the task thread with the conversation's key; a conversation that is over
   * behind it is forgotten. Any thread.
   */
  protected final void handOver(String conversation, ThrowingRunnable<? extends Exception> action) {
    results.add(new Result(conversation, action));
    if (mailPending.compareAndSet(false, true)) {
      post(this::drain);
    }
  }

  private void post(ThrowingRunnable<? extends Exception> mail) {
    if (closed) {
      return;
    }
    try {
      mailbox.execute(mail, "results of the model host");
    } catch (RejectedExecutionException e) {
      // The task is over; nobody wants the result any more.
      closed = true;
    }
  }

  private void drain() throws Exception {
    mailPending.set(false);
    for (int taken = 0; taken < RESULTS_PER_MAIL; taken++) {
      Result result = results.poll();
      if (result == null) {
        return;
      }
      take(result);
    }
    if (mailPending.compareAndSet(false, true)) {
      post(this::drain);
    }
  }

  private void take(Result result) throws Exception {
    if (closed) {
      return;
    }
    setCurrentKey(result.conversation());
    result.action().run();
    settle(result.conversation());
  }

  /** Takes results without the mailbox until the condition holds. */
  protected final void drainUntil(BooleanSupplier done) throws Exception {
    while (!done.getAsBoolean()) {
      Result result = results.poll(HOST_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (result == null) {
        throw new TimeoutException(
            "the model host gave no result for " + HOST_TIMEOUT_SECONDS + " seconds");
      }
      take(result);
    }
  }

  /** Runs an action on the task thread after what it is doing now. */
  protected final void later(ThrowingRunnable<? extends Exception> action) {
    post(action);
  }

  @Override
  public void endInput() throws Exception {
    while (pendingWork > 0) {
      mailbox.yield();
    }
  }

  /** Gives sessions back to the host; called also when opening failed halfway. */
  protected abstract void release();

  @Override
  public void close() throws Exception {
    closed = true;
    results.clear();
    try {
      if (host != null) {
        try {
          release();
        } finally {
          host.close();
          host = null;
        }
      }
    } finally {
      super.close();
    }
  }
}
