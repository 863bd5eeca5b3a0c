package io.antiphon.analytics.speech;

import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Tells what is wrong with the sound of a call's channels. A finding says which figures cannot be
 * believed; nothing is mended silently.
 */
public final class ChannelCheck {
  /** What may be wrong with a channel. */
  public enum Finding {
    /** It never was louder than {@value #SILENT_DBFS} dBFS. */
    SILENT,
    /** Both channels carry the same sound: it is not known who speaks. */
    IDENTICAL,
    /** The call has one channel: it is not known who speaks. */
    MONO
  }

  static final double SILENT_DBFS = -55;
  private static final double COMPARED_DBFS = -50;
  private static final double SAME_DECIBELS = 1;
  private static final double SAME_SHARE = 0.97;
  private static final int ENOUGH_FRAMES = 94;
  private static final int LARGEST_LEAD = 2000;

  private record Level(long beginMillis, double dbfs) {}

  private final List<Deque<Level>> waiting = new ArrayList<>();
  private final boolean[] heard;
  private int compared;
  private int same;

  public ChannelCheck(int channels) {
    heard = new boolean[channels];
    for (int channel = 0; channel < channels; channel++) {
      waiting.add(new ArrayDeque<>());
    }
  }

  /** Takes a channel's next frame. */
  public void frame(int channel, SpeechFrame frame) {
    double dbfs = frame.energy().dbfs();
    heard[channel] |= dbfs > SILENT_DBFS;
    if (waiting.size() != 2) {
      return;
    }
    Deque<Level> own = waiting.get(channel);
    own.add(new Level(frame.beginMillis(), dbfs));
    if (own.size() > LARGEST_LEAD) {
      own.poll();
    }
    compare(waiting.get(0), waiting.get(1));
  }

  /** What was found so far in a channel. */
  public Set<Finding> findings(int channel) {
    Set<Finding> findings = EnumSet.noneOf(Finding.class);
    if (!heard[channel]) {
      findings.add(Finding.SILENT);
    }
    if (waiting.size() == 1) {
      findings.add(Finding.MONO);
    }
    if (compared >= ENOUGH_FRAMES && same >= SAME_SHARE * compared) {
      findings.add(Finding.IDENTICAL);
    }
    return findings;
  }

  /** Everything that later results depend on. */
  public void save(DataOutput out) throws IOException {
    for (int channel = 0; channel < heard.length; channel++) {
      StateData.writeList(
          waiting.get(channel),
          (level, to) -> {
            to.writeLong(level.beginMillis);
            to.writeDouble(level.dbfs);
          },
          out);
      out.writeBoolean(heard[channel]);
    }
    out.writeInt(compared);
    out.writeInt(same);
  }

  /** Goes on where another one was saved; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    for (int channel = 0; channel < heard.length; channel++) {
      waiting
          .get(channel)
          .addAll(StateData.readList(from -> new Level(from.readLong(), from.readDouble()), in));
      heard[channel] = in.readBoolean();
    }
    compared = in.readInt();
    same = in.readInt();
  }

  private void compare(Deque<Level> first, Deque<Level> second) {
    while (!first.isEmpty() && !second.isEmpty()) {
      long lead = first.peek().beginMillis - second.peek().beginMillis;
      if (lead < 0) {
        first.poll();
      } else if (lead > 0) {
        second.poll();
      } else {
        double one = first.poll().dbfs;
        double other = second.poll().dbfs;
        if (Math.max(one, other) > COMPARED_DBFS) {
          compared++;
          same += Math.abs(one - other) <= SAME_DECIBELS ? 1 : 0;
        }
      }
    }
  }
}
