package io.antiphon.gateway.phone;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Brings numbered pieces of audio into order for a provider that does not promise one. A missing
 * piece is waited for until {@code window} later ones are here, then given up. Bounded by that; not
 * thread safe.
 */
final class ChunkOrder {
  private final int window;
  private final TreeMap<Long, byte[]> early = new TreeMap<>();
  private long next = -1;

  ChunkOrder(int window) {
    this.window = window;
  }

  /** The pieces that are due with this one, in order; none when it is late or known. */
  List<byte[]> accept(long number, byte[] audio) {
    if (next < 0) {
      next = number;
    }
    if (number < next) {
      return List.of();
    }
    early.putIfAbsent(number, audio);
    List<byte[]> due = new ArrayList<>();
    if (early.size() > window) {
      next = early.firstKey();
    }
    for (byte[] piece = early.remove(next); piece != null; piece = early.remove(next)) {
      due.add(piece);
      next++;
    }
    return due;
  }
}
