package io.antiphon.chaos.comparison;

import io.antiphon.chaos.callers.ReceivedAnswer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One live answer against the same answer of the undisturbed run.
 *
 * @param framesLost of 40 ms that the caller never heard
 * @param framesTwice of 40 ms that the caller heard a second time
 * @param differences what else is not the same, in words; empty if all is
 */
public record AnswerDiff(long framesLost, long framesTwice, List<String> differences) {
  private static final int SHOWN = 400;

  /**
   * @param where for the differences
   */
  public static AnswerDiff of(String where, ReceivedAnswer live, ReceivedAnswer baseline) {
    List<String> differences = new ArrayList<>();
    if (!live.whole() || !baseline.whole()) {
      differences.add(
          where + " is not whole" + (baseline.whole() ? "" : " in the undisturbed run"));
      return new AnswerDiff(0, 0, differences);
    }
    byte[] expected = baseline.audio();
    byte[] heard = live.audio();
    long lost =
        live.framesSkipped()
            + Math.max(0, ReceivedAnswer.frames((long) expected.length - heard.length));
    if (!live.content().equals(baseline.content())) {
      differences.add(
          where
              + " is "
              + shortened(live.content())
              + "; expected "
              + shortened(baseline.content()));
    }
    int mismatch = Arrays.mismatch(expected, heard);
    if (mismatch >= 0) {
      differences.add(
          where
              + " has "
              + heard.length
              + " bytes of audio, the first other one at "
              + mismatch
              + "; expected "
              + expected.length
              + " bytes");
    }
    return new AnswerDiff(lost, live.framesTwice(), differences);
  }

  /** The same with more differences. */
  public AnswerDiff and(List<String> more) {
    if (more.isEmpty()) {
      return this;
    }
    List<String> all = new ArrayList<>(differences);
    all.addAll(more);
    return new AnswerDiff(framesLost, framesTwice, List.copyOf(all));
  }

  public boolean same() {
    return framesLost == 0 && framesTwice == 0 && differences.isEmpty();
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
