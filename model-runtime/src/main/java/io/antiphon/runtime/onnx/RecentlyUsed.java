package io.antiphon.runtime.onnx;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
  public @Nullable V get(K key) {
    return values.get(key);
  }

  /** Makes the value of a key. */
  public interface Maker<K, V, E extends Exception> {
    V make(K key) throws E;
  }

  /**
   * The key's value, made where there is none; those that were not used for longest are then freed.
   */
  public <E extends Exception> V getOrMake(K key, Maker<K, V, E> maker) throws E {
    V value = get(key);
    if (value == null) {
      value = maker.make(key);
      put(key, value);
      trim();
    }
    return value;
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
