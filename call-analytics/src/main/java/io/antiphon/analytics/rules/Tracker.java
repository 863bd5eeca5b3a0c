package io.antiphon.analytics.rules;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.figures.Interruption;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Follows one condition through a call. */
abstract class Tracker {
  final List<Interval> points = new ArrayList<>();

  static Tracker of(Condition condition, Map<Integer, String> roles) {
    // Java 17 has no switch over types.
    if (condition instanceof Condition.Said said) {
      return new SaidTracker(said);
    } else if (condition instanceof Condition.Near near) {
      return new NearTracker(near);
    } else if (condition instanceof Condition.NotSaid notSaid) {
      return new NotSaidTracker(notSaid);
    } else if (condition instanceof Condition.SentimentIs sentiment) {
      return new SentimentTracker(sentiment);
    } else if (condition instanceof Condition.Silence silence) {
      return new SilenceTracker(silence);
    } else if (condition instanceof Condition.Interrupts interrupts) {
      return new InterruptionTracker(interrupts, roles);
    } else if (condition instanceof Condition.All all) {
      return new Combined(all.conditions(), roles, true);
    } else if (condition instanceof Condition.Any any) {
      return new Combined(any.conditions(), roles, false);
    }
    return new Negated(of(((Condition.Not) condition).condition(), roles));
  }

  void utterance(SpokenUtterance utterance) {}

  void figures(CallFigures figures) {}

  /** All utterances that begin before this were given. */
  void reached(long millis) {}

  void end(long durationMillis) {}

  abstract boolean matched();

  List<Interval> points() {
    return points;
  }

  /** The points and whatever else the condition remembers. */
  final void save(DataOutput out) throws IOException {
    StateData.writeList(points, StateData::writeInterval, out);
    saveMore(out);
  }

  final void load(DataInput in) throws IOException {
    points.addAll(StateData.readList(StateData::readInterval, in));
    loadMore(in);
  }

  void saveMore(DataOutput out) throws IOException {}

  void loadMore(DataInput in) throws IOException {}

  static boolean by(@Nullable String role, String actual) {
    return role == null || role.equals(actual);
  }

  static List<String> plain(SpokenUtterance utterance) {
    return utterance.words().stream().map(word -> Phrases.plain(word.text())).toList();
  }

  private static final class SaidTracker extends Tracker {
    private final Condition.Said condition;
    private boolean ended;

    SaidTracker(Condition.Said condition) {
      this.condition = condition;
    }

    @Override
    void utterance(SpokenUtterance utterance) {
      if (!by(condition.by(), utterance.role())) {
        return;
      }
      List<String> words = plain(utterance);
      for (List<String> phrase : condition.phrases()) {
        for (int from : Phrases.find(phrase, words)) {
          Interval time = utterance.time(from, from + phrase.size());
          if (condition.atBeginMillis() == null || time.beginMillis() < condition.atBeginMillis()) {
            points.add(time);
          }
        }
      }
    }

    @Override
    void end(long durationMillis) {
      ended = true;
      Long within = condition.atEndMillis();
      if (within != null) {
        points.removeIf(point -> point.beginMillis() < durationMillis - within);
      }
    }

    @Override
    boolean matched() {
      return !points.isEmpty() && (ended || condition.atEndMillis() == null);
    }

    @Override
    void saveMore(DataOutput out) throws IOException {
      out.writeBoolean(ended);
    }

    @Override
    void loadMore(DataInput in) throws IOException {
      ended = in.readBoolean();
    }
  }

  private static final class NearTracker extends Tracker {
    private final Condition.Near condition;

    NearTracker(Condition.Near condition) {
      this.condition = condition;
    }

    @Override
    void utterance(SpokenUtterance utterance) {
      if (!by(condition.by(), utterance.role())) {
        return;
      }
      List<String> words = plain(utterance);
      for (List<String> first : condition.first()) {
        for (int one : Phrases.find(first, words)) {
          for (List<String> second : condition.second()) {
            for (int other : Phrases.find(second, words)) {
              int between = Math.max(other - one - first.size(), one - other - second.size());
              if (between >= 0 && between <= condition.words()) {
                points.add(
                    utterance.time(
                        Math.min(one, other), Math.max(one + first.size(), other + second.size())));
              }
            }
          }
        }
      }
    }

    @Override
    boolean matched() {
      return !points.isEmpty();
    }
  }

  private static final class NotSaidTracker extends Tracker {
    private final Condition.NotSaid condition;
    private boolean said;
    private boolean over;

    NotSaidTracker(Condition.NotSaid condition) {
      this.condition = condition;
    }

    @Override
    void utterance(SpokenUtterance utterance) {
      if (!by(condition.by(), utterance.role())) {
        return;
      }
      List<String> words = plain(utterance);
      for (List<String> phrase : condition.phrases()) {
        for (int from : Phrases.find(phrase, words)) {
          said |=
              utterance.time(from, from + phrase.size()).beginMillis() < condition.withinMillis();
        }
      }
    }

    @Override
    void reached(long millis) {
      over |= millis >= condition.withinMillis();
    }

    @Override
    void end(long durationMillis) {
      over = true;
    }

    @Override
    boolean matched() {
      return over && !said;
    }

    @Override
    void saveMore(DataOutput out) throws IOException {
      out.writeBoolean(said);
      out.writeBoolean(over);
    }

    @Override
    void loadMore(DataInput in) throws IOException {
      said = in.readBoolean();
      over = in.readBoolean();
    }
  }

  private static final class SentimentTracker extends Tracker {
    private final Condition.SentimentIs condition;

    SentimentTracker(Condition.SentimentIs condition) {
      this.condition = condition;
    }

    @Override
    void utterance(SpokenUtterance utterance) {
      Double most = condition.atMost();
      Double least = condition.atLeast();
      if (by(condition.by(), utterance.role())
          && (most == null || utterance.score() <= most)
          && (least == null || utterance.score() >= least)) {
        points.add(utterance.interval());
      }
    }

    @Override
    boolean matched() {
      return points.size() >= condition.times();
    }
  }

  private static final class SilenceTracker extends Tracker {
    private final Condition.Silence condition;

    SilenceTracker(Condition.Silence condition) {
      this.condition = condition;
    }

    @Override
    void figures(CallFigures figures) {
      points.clear();
      for (Interval stretch : figures.nonTalk()) {
        if (stretch.lengthMillis() > condition.longerThanMillis()) {
          points.add(stretch);
        }
      }
    }

    @Override
    boolean matched() {
      return !points.isEmpty();
    }
  }

  private static final class InterruptionTracker extends Tracker {
    private final Condition.Interrupts condition;
    private final Map<Integer, String> roles;

    InterruptionTracker(Condition.Interrupts condition, Map<Integer, String> roles) {
      this.condition = condition;
      this.roles = roles;
    }

    @Override
    void figures(CallFigures figures) {
      points.clear();
      for (Interruption interruption : figures.interruptions()) {
        if (by(condition.by(), roles.getOrDefault(interruption.byChannel(), ""))
            && interruption.overlap().lengthMillis() > condition.longerThanMillis()) {
          points.add(interruption.overlap());
        }
      }
    }

    @Override
    boolean matched() {
      return points.size() >= condition.times();
    }
  }

  private static final class Combined extends Tracker {
    private final List<Tracker> trackers;
    private final boolean all;

    Combined(List<Condition> conditions, Map<Integer, String> roles, boolean all) {
      this.trackers = conditions.stream().map(each -> of(each, roles)).toList();
      this.all = all;
    }

    @Override
    void utterance(SpokenUtterance utterance) {
      trackers.forEach(tracker -> tracker.utterance(utterance));
    }

    @Override
    void figures(CallFigures figures) {
      trackers.forEach(tracker -> tracker.figures(figures));
    }

    @Override
    void reached(long millis) {
      trackers.forEach(tracker -> tracker.reached(millis));
    }

    @Override
    void end(long durationMillis) {
      trackers.forEach(tracker -> tracker.end(durationMillis));
    }

    @Override
    boolean matched() {
      return all
          ? trackers.stream().allMatch(Tracker::matched)
          : trackers.stream().anyMatch(Tracker::matched);
    }

    @Override
    List<Interval> points() {
      TreeSet<Interval> union = new TreeSet<>();
      trackers.stream().filter(Tracker::matched).forEach(each -> union.addAll(each.points()));
      return List.copyOf(union);
    }

    @Override
    void saveMore(DataOutput out) throws IOException {
      for (Tracker tracker : trackers) {
        tracker.save(out);
      }
    }

    @Override
    void loadMore(DataInput in) throws IOException {
      for (Tracker tracker : trackers) {
        tracker.load(in);
      }
    }
  }

  private static final class Negated extends Tracker {
    private final Tracker tracker;
    private boolean ended;

    Negated(Tracker tracker) {
      this.tracker = tracker;
    }

    @Override
    void utterance(SpokenUtterance utterance) {
      tracker.utterance(utterance);
    }

    @Override
    void figures(CallFigures figures) {
      tracker.figures(figures);
    }

    @Override
    void reached(long millis) {
      tracker.reached(millis);
    }

    @Override
    void end(long durationMillis) {
      tracker.end(durationMillis);
      ended = true;
    }

    @Override
    boolean matched() {
      return ended && !tracker.matched();
    }

    @Override
    void saveMore(DataOutput out) throws IOException {
      tracker.save(out);
      out.writeBoolean(ended);
    }

    @Override
    void loadMore(DataInput in) throws IOException {
      tracker.load(in);
      ended = in.readBoolean();
    }
  }
}
