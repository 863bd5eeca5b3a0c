package io.antiphon.analytics.calls;

import io.antiphon.analytics.Interval;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is off at a call's begin and is switched on and off in media time, such as a hold. */
final class MediaSwitch {
  private final TreeMap<Long, Boolean> changes = new TreeMap<>();

  /**
   * Switches; a repetition says nothing. Nothing is switched before the last change.
   *
   * @return when it is switched; -1 for a repetition
   */
  long change(long millis, boolean on) {
    Map.Entry<Long, Boolean> last = changes.lastEntry();
    if (on == (last != null && last.getValue())) {
      return -1;
    }
    long at = last == null ? millis : Math.max(millis, last.getKey());
    changes.put(at, on);
    return at;
  }

  boolean at(long millis) {
    Map.Entry<Long, Boolean> before = changes.floorEntry(millis);
    return before != null && before.getValue();
  }

  /** When it was on, before {@code endMillis}. */
  List<Interval> until(long endMillis) {
    List<Interval> on = new ArrayList<>();
    long since = -1;
    for (Map.Entry<Long, Boolean> change : changes.entrySet()) {
      if (change.getValue()) {
        since = since < 0 ? change.getKey() : since;
      } else if (since >= 0) {
        add(on, since, Math.min(change.getKey(), endMillis));
        since = -1;
      }
    }
    if (since >= 0) {
      add(on, since, endMillis);
    }
    return on;
  }

  private static void add(List<Interval> on, long begin, long end) {
    if (begin < end) {
      on.add(new Interval(begin, end));
    }
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(changes.size());
    for (Map.Entry<Long, Boolean> change : changes.entrySet()) {
      out.writeLong(change.getKey());
      out.writeBoolean(change.getValue());
    }
  }

  void load(DataInput in) throws IOException {
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      changes.put(in.readLong(), in.readBoolean());
    }
  }
}
