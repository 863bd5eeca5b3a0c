package io.antiphon.operators.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;

/**
 * Lists, one for each conversation, whose elements lie in keyed state one by one: what was there at
 * the last checkpoint is not written again. Made for lists that grow at their end and shrink at
 * their beginning; elements are immutable and known by their identity.
 *
 * <p>For the task thread, with the conversation's key set.
 */
public final class StoredSequences<T> {
  private record Element<T>(long number, T value, int bytes) {}

  private final MapState<Long, T> state;
  private final VersionedSerializer<T> serializer;
  private final Map<String, List<Element<T>>> stored = new HashMap<>();

  StoredSequences(MapState<Long, T> state, VersionedSerializer<T> serializer) {
    this.state = state;
    this.serializer = serializer;
  }

  /**
   * @param name the state's name in savepoints, which never changes
   */
  public static <T> StoredSequences<T> of(
      KeyedStateBackend<String> backend, String name, VersionedSerializer<T> serializer)
      throws Exception {
    return new StoredSequences<>(
        backend.getPartitionedState(
            VoidNamespace.INSTANCE,
            VoidNamespaceSerializer.INSTANCE,
            new MapStateDescriptor<>(name, LongSerializer.INSTANCE, serializer)),
        serializer);
  }

  /** What state holds of a conversation. */
  public List<T> read(String conversation) throws Exception {
    TreeMap<Long, T> numbered = new TreeMap<>();
    for (Map.Entry<Long, T> entry : state.entries()) {
      numbered.put(entry.getKey(), entry.getValue());
    }
    List<Element<T>> elements = new ArrayList<>();
    numbered.forEach((number, value) -> elements.add(element(number, value)));
    if (!elements.isEmpty()) {
      stored.put(conversation, elements);
    }
    return List.copyOf(numbered.values());
  }

  /** Makes state hold this list of a conversation. */
  public void write(String conversation, List<T> present) throws Exception {
    List<Element<T>> known = stored.getOrDefault(conversation, List.of());
    int gone = 0;
    while (gone < known.size()
        && (present.isEmpty() || known.get(gone).value() != present.get(0))) {
      state.remove(known.get(gone++).number());
    }
    int same = gone;
    while (same < known.size()
        && same - gone < present.size()
        && known.get(same).value() == present.get(same - gone)) {
      same++;
    }
    for (Element<T> changed : known.subList(same, known.size())) {
      state.remove(changed.number());
    }
    List<Element<T>> next = new ArrayList<>(known.subList(gone, same));
    long number = known.isEmpty() ? 0 : known.get(known.size() - 1).number() + 1;
    for (T added : present.subList(same - gone, present.size())) {
      state.put(number, added);
      next.add(element(number++, added));
    }
    if (next.isEmpty()) {
      stored.remove(conversation);
    } else {
      stored.put(conversation, next);
    }
  }

  /** Bytes of a conversation in state. */
  public int bytes(String conversation) {
    return stored.getOrDefault(conversation, List.of()).stream().mapToInt(Element::bytes).sum();
  }

  private Element<T> element(long number, T value) {
    return new Element<>(number, value, Long.BYTES + serializer.bytes(value));
  }
}
