package io.antiphon.gateway.realtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The items of a conversation in their order, each under its id. For one strand. */
final class ItemHistory {
  /** Items that a session may hold. */
  static final int MOST = 4_096;

  private final List<String> order = new ArrayList<>();
  private final Map<String, Item> items = new HashMap<>();

  boolean full() {
    return order.size() >= MOST;
  }

  boolean has(String id) {
    return items.containsKey(id);
  }

  Optional<Item> find(String id) {
    return Optional.ofNullable(items.get(id));
  }

  /** The id of the item before, null for the first. */
  @Nullable String before(String id) {
    int at = order.lastIndexOf(id);
    return at > 0 ? order.get(at - 1) : null;
  }

  @Nullable String last() {
    return order.isEmpty() ? null : order.get(order.size() - 1);
  }

  /** Adds at the end; the oldest make room in a full history. */
  void add(Item item) {
    while (full()) {
      items.remove(order.remove(0));
    }
    order.add(item.id());
    items.put(item.id(), item);
  }

  void addFirst(Item item) {
    order.add(0, item.id());
    items.put(item.id(), item);
  }

  void addAfter(String previous, Item item) {
    order.add(order.lastIndexOf(previous) + 1, item.id());
    items.put(item.id(), item);
  }

  /** Puts an item in the place of the one with its id, if that is still there. */
  void replace(Item item) {
    items.computeIfPresent(item.id(), (id, before) -> item);
  }

  void remove(String id) {
    items.remove(id);
    order.remove(id);
  }
}
