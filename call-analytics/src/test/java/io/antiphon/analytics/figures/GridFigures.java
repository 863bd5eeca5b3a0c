package io.antiphon.analytics.figures;

import io.antiphon.analytics.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The definitions of {@link CallFigures} read word by word on a grid of milliseconds: slow, without
 * any state between two points, the judge of {@link FiguresAccumulator}.
 */
final class GridFigures {
  private GridFigures() {}

  static CallFigures of(
      List<List<Interval>> segments,
      List<Interval> holds,
      List<Interval> pauses,
      int[] words,
      int duration,
      FiguresSettings settings) {
    boolean[] hold = grid(holds, duration);
    boolean[] pause = grid(pauses, duration);
    int channels = segments.size();
    boolean[][] talks = new boolean[channels][];
    for (int c = 0; c < channels; c++) {
      talks[c] = grid(segments.get(c), duration);
      for (int t = 0; t < duration; t++) {
        talks[c][t] &= !hold[t] && !pause[t];
      }
    }
    List<List<Interval>> effective = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      effective.add(runs(talks[c]));
    }

    boolean[] quiet = new boolean[duration];
    long overtalk = 0;
    long talk = 0;
    for (int t = 0; t < duration; t++) {
      int count = 0;
      for (int c = 0; c < channels; c++) {
        count += talks[c][t] ? 1 : 0;
      }
      talk += count;
      overtalk += count > 1 ? 1 : 0;
      quiet[t] = count == 0 && !pause[t];
    }
    List<Interval> nonTalk = new ArrayList<>();
    for (Interval run : runs(quiet)) {
      if (run.lengthMillis() > settings.nonTalkMillis()) {
        nonTalk.add(run);
      }
    }

    List<Interruption> interruptions = new ArrayList<>();
    List<ChannelFigures> figures = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      int interrupted = 0;
      int early = 0;
      int backchannels = 0;
      int responses = 0;
      long wait = 0;
      long longestWait = 0;
      long longest = 0;
      long own = 0;
      for (Interval segment : effective.get(c)) {
        own += segment.lengthMillis();
        longest = Math.max(longest, segment.lengthMillis());
        if (channels == 1) {
          continue;
        }
        int other = 1 - c;
        Interval around = null;
        for (Interval candidate : effective.get(other)) {
          if (candidate.beginMillis() < segment.beginMillis()
              && segment.beginMillis() < candidate.endMillis()) {
            around = candidate;
          }
        }
        if (around != null) {
          if (segment.endMillis() <= around.endMillis()) {
            backchannels++;
          } else if (around.endMillis() - segment.beginMillis() > settings.interruptionMillis()) {
            interrupted++;
            interruptions.add(
                new Interruption(c, new Interval(segment.beginMillis(), around.endMillis())));
          } else {
            early++;
          }
          continue;
        }
        int begin = (int) segment.beginMillis();
        if (talks[other][begin]) {
          continue; // both begin at once
        }
        int back = begin - 1;
        while (back >= 0 && !talks[0][back] && !talks[1][back] && !hold[back] && !pause[back]) {
          back--;
        }
        if (back >= 0 && talks[other][back] && !talks[c][back]) {
          responses++;
          wait += begin - back - 1;
          longestWait = Math.max(longestWait, begin - back - 1);
        }
      }
      figures.add(
          new ChannelFigures(
              c,
              own,
              effective.get(c).size(),
              longest,
              interrupted,
              early,
              backchannels,
              responses,
              wait,
              longestWait,
              words[c]));
    }
    interruptions.sort(Comparator.comparing(Interruption::overlap));
    long held = 0;
    long paused = 0;
    for (int t = 0; t < duration; t++) {
      held += hold[t] && !pause[t] ? 1 : 0;
      paused += pause[t] ? 1 : 0;
    }
    return new CallFigures(duration, figures, talk, overtalk, nonTalk, held, paused, interruptions);
  }

  private static boolean[] grid(List<Interval> intervals, int duration) {
    boolean[] grid = new boolean[duration];
    for (Interval interval : intervals) {
      for (long t = interval.beginMillis(); t < Math.min(duration, interval.endMillis()); t++) {
        grid[(int) t] = true;
      }
    }
    return grid;
  }

  private static List<Interval> runs(boolean[] grid) {
    List<Interval> runs = new ArrayList<>();
    int begin = -1;
    for (int t = 0; t <= grid.length; t++) {
      boolean on = t < grid.length && grid[t];
      if (on && begin < 0) {
        begin = t;
      } else if (!on && begin >= 0) {
        runs.add(new Interval(begin, t));
        begin = -1;
      }
    }
    return runs;
  }
}
