package io.antiphon.operators.flink;

import io.antiphon.operators.state.VersionedSerializer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * An operator keyed by conversation id whose live conversations are objects on the heap. Keyed
 * state holds their logs: written at each checkpoint for those that changed, read for all in {@link
 * #open()}.
 *
 * @param <C> a live conversation as this operator sees it
 * @param <L> its log: an immutable value, everything that is needed to make the live one again
 */
public abstract class KeyedOperator<I, O, C, L> extends AbstractStreamOperator<O>
    implements OneInputStreamOperator<I, O> {
  private static final long serialVersionUID = 1L;

  private final String stateName;
  private final VersionedSerializer<L> serializer;
  private final transient Map<String, C> live = new HashMap<>();
  private final transient Set<String> touched = new HashSet<>();
  private transient KeyedStateStore<L> logs;

  /**
   * @param stateName the state's name in savepoints, which never changes
   */
  protected KeyedOperator(
      StreamOperatorParameters<O> parameters, String stateName, VersionedSerializer<L> serializer) {
    super(parameters);
    this.stateName = stateName;
    this.serializer = serializer;
  }

  /** Makes a conversation of which nothing is known yet; with the key set. */
  protected abstract C make(String conversation);

  /** Whether nothing of a conversation is worth remembering any more. */
  protected abstract boolean over(C conversation);

  /** A conversation that is over has been forgotten; with the key set. */
  protected void forgotten(String conversation, C last) {}

  /** The log of a conversation; null when nothing of it needs to be kept. */
  protected abstract @Nullable L log(C conversation);

  /** Makes a conversation from its log; with the key set, before any input. */
  protected abstract C restore(String conversation, L log) throws Exception;

  /** Where the logs lie. */
  protected KeyedStateStore<L> logs(KeyedStateBackend<String> backend) throws Exception {
    return new KeyedStateStore<>(backend, stateName, serializer);
  }

  @Override
  public void open() throws Exception {
    super.open();
    logs = logs(getKeyedStateBackend());
    Map<String, L> stored = logs.readAll();
    for (Map.Entry<String, L> entry : stored.entrySet()) {
      setCurrentKey(entry.getKey());
      live.put(entry.getKey(), restore(entry.getKey(), entry.getValue()));
    }
    getMetricGroup().gauge("conversations", live::size);
    getMetricGroup().gauge("stateBytes", this::stateBytes);
    getMetricGroup().gauge("largestStateBytes", logs::largest);
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    for (String conversation : touched) {
      setCurrentKey(conversation);
      C present = live.get(conversation);
      logs.write(conversation, present == null ? null : log(present));
    }
    logs.measured();
    touched.clear();
  }

  /** Flink holds a closed operator until finalizers have run: its conversations go at once. */
  @Override
  public void close() throws Exception {
    live.clear();
    super.close();
  }

  /** Bytes of all logs at the last checkpoint. Any thread. */
  public final long stateBytes() {
    return logs.bytes();
  }

  /** The live conversation, or null. */
  protected final @Nullable C find(String conversation) {
    return live.get(conversation);
  }

  /** The live conversation, made if there is none; with the key set. */
  protected final C findOrMake(String conversation) {
    C present = live.get(conversation);
    if (present == null) {
      present = make(conversation);
      live.put(conversation, present);
    }
    return present;
  }

  /**
   * To be called behind whatever was done to a conversation, with the key set: its log may have
   * changed, and if it is over it is forgotten.
   */
  protected final void settle(String conversation) {
    touched.add(conversation);
    C present = live.get(conversation);
    if (present != null && over(present)) {
      live.remove(conversation);
      forgotten(conversation, present);
    }
  }

  /** Forgets a conversation, whether it is over or not; with the key set. */
  protected final void remove(String conversation) {
    live.remove(conversation);
    touched.add(conversation);
  }

  /** The live conversations; not to be changed. */
  public final Map<String, C> live() {
    return live;
  }

  protected final void emit(O value) {
    output.collect(new StreamRecord<>(value));
  }
}
