package io.antiphon.runtime.onnx;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Values with memory of their own, by keys. Those that were used last are kept. Not thread safe.
 */
public final class RecentlyUsed<K, V> implements AutoCloseable {
  private final int kept;
  private final Consumer<V> closer;
  private final Map<K, V> values = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param kept values that {@link #trim} leaves
   * @param closer frees a value
   */
  public RecentlyUsed(int kept, Consumer<V> closer) {
    this.kept = kept;
    this.closer = closer;
  }

  /** The key's value, null when there is none; it counts as used now. */
  public V get(K key) {
    return values.get(key);
  }

  /** Keeps a value, at least until the next {@link #trim}. */
  public void put(K key, V value) {
    values.put(key, value);
  }

  /** Frees the values that were not used for longest. */
  public void trim() {
    Iterator<V> oldest = values.values().iterator();
    for (int surplus = values.size() - kept; surplus > 0; surplus--) {
      closer.accept(oldest.next());
      oldest.remove();
    }
  }

  /** Frees all. */
  @Override
  public void close() {
    values.values().forEach(closer);
    values.clear();
  }
}
