package io.antiphon.operators.flink;

import io.antiphon.operators.state.VersionedSerializer;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The logs of an operator's conversations in keyed state, one value for each, and their sizes.
 * Subclasses keep parts of a log beside that value.
 *
 * <p>For the task thread; {@link #bytes()} and {@link #largest()} for any.
 *
 * @param <L> an immutable log
 */
public class KeyedStateStore<L> {
  private final KeyedStateBackend<String> backend;
  private final VersionedSerializer<L> serializer;
  private final ValueStateDescriptor<L> descriptor;
  private final ValueState<L> values;
  private final Map<String, Integer> sizes = new HashMap<>();
  private volatile long bytes;
  private volatile int largest;

  /**
   * @param name the state's name in savepoints, which never changes
   */
  public KeyedStateStore(
      KeyedStateBackend<String> backend, String name, VersionedSerializer<L> serializer)
      throws Exception {
    this.backend = backend;
    this.serializer = serializer;
    this.descriptor = new ValueStateDescriptor<>(name, serializer);
    this.values =
        backend.getPartitionedState(
            VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor);
  }

  /** All logs by conversation, as the last checkpoint left them. */
  public final Map<String, L> readAll() throws Exception {
    Map<String, L> logs = new HashMap<>();
    backend.applyToAllKeys(
        VoidNamespace.INSTANCE,
        VoidNamespaceSerializer.INSTANCE,
        descriptor,
        (conversation, state) -> logs.put(conversation, state.value()));
    for (Map.Entry<String, L> entry : logs.entrySet()) {
      backend.setCurrentKey(entry.getKey());
      entry.setValue(whole(entry.getKey(), entry.getValue()));
      sizes.put(entry.getKey(), serializer.bytes(entry.getValue()) + bytesOfParts(entry.getKey()));
    }
    measured();
    return logs;
  }

  /**
   * Writes a conversation's log, with its key set.
   *
   * @param log null when nothing is to be kept
   */
  public final void write(String conversation, @Nullable L log) throws Exception {
    writeParts(conversation, log);
    if (log == null) {
      values.clear();
      sizes.remove(conversation);
    } else {
      values.update(log);
      sizes.put(conversation, serializer.bytes(log) + bytesOfParts(conversation));
    }
  }

  /** To be called after the writes of a checkpoint. */
  public final void measured() {
    bytes = sizes.values().stream().mapToLong(Integer::longValue).sum();
    largest = sizes.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** Bytes of all logs at the last checkpoint. */
  public final long bytes() {
    return bytes;
  }

  /** Bytes of the largest log at the last checkpoint. */
  public final int largest() {
    return largest;
  }

  /** Puts a log together from its value and the parts beside it. */
  public L whole(String conversation, L value) throws Exception {
    return value;
  }

  /**
   * @param log null when nothing is to be kept
   */
  public void writeParts(String conversation, @Nullable L log) throws Exception {}

  public int bytesOfParts(String conversation) {
    return 0;
  }
}
