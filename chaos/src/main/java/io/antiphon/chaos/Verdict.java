package io.antiphon.chaos;

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
record Verdict(long framesLost, long framesTwice, List<String> differences) {
  private static final int SHOWN = 400;

  /**
   * @param where for the differences
   */
  static Verdict of(String where, Heard live, Heard calm) {
    List<String> differences = new ArrayList<>();
    if (!live.whole() || !calm.whole()) {
      differences.add(where + " is not whole" + (calm.whole() ? "" : " in the undisturbed run"));
      return new Verdict(0, 0, differences);
    }
    byte[] expected = calm.audio();
    byte[] heard = live.audio();
    long lost =
        live.framesSkipped() + Math.max(0, Heard.frames((long) expected.length - heard.length));
    if (!live.content().equals(calm.content())) {
      differences.add(
          where + " is " + shortened(live.content()) + "; expected " + shortened(calm.content()));
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
    return new Verdict(lost, live.framesTwice(), differences);
  }

  /** The same with more differences. */
  Verdict and(List<String> more) {
    if (more.isEmpty()) {
      return this;
    }
    List<String> all = new ArrayList<>(differences);
    all.addAll(more);
    return new Verdict(framesLost, framesTwice, List.copyOf(all));
  }

  boolean same() {
    return framesLost == 0 && framesTwice == 0 && differences.isEmpty();
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
