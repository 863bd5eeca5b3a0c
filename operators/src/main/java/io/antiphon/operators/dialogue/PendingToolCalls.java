package io.antiphon.operators.dialogue;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The tool calls of the last answer that wait for results. Owns ids and the results so far. */
final class PendingToolCalls {
  private final Map<String, String> results = new LinkedHashMap<>();

  /** Waits for these calls from now on. */
  void expect(Iterable<String> ids) {
    ids.forEach(id -> results.put(id, null));
  }

  /** Waits for nothing any more. */
  void clear() {
    results.clear();
  }

  /** Takes a result; false when no call waits for it. */
  boolean take(String id, String result) {
    if (!results.containsKey(id) || results.get(id) != null) {
      return false;
    }
    results.put(id, result);
    return true;
  }

  /** Whether nothing was called. */
  boolean isEmpty() {
    return results.isEmpty();
  }

  /** Whether every call has its result. */
  boolean complete() {
    return !results.containsValue(null);
  }

  /** The results, in the order of the calls, each on its line. */
  String joined() {
    return String.join("\n", results.values());
  }

  Map<String, String> log() {
    return Collections.unmodifiableMap(new LinkedHashMap<>(results));
  }

  void restore(Map<String, String> log) {
    results.putAll(log);
  }
}
