package io.antiphon.analytics.rules;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Judges one call by a rule set while it lasts. */
public final class RuleEvaluator {
  private record Followed(String name, Tracker tracker) {}

  private final List<Followed> categories = new ArrayList<>();
  private final Set<String> told = new TreeSet<>();

  public RuleEvaluator(RuleSet rules, List<Participant> participants) {
    Map<Integer, String> roles = new HashMap<>();
    participants.forEach(each -> roles.put(each.channel(), each.role()));
    for (RuleSet.Category category : rules.categories()) {
      categories.add(new Followed(category.name(), Tracker.of(category.when(), roles)));
    }
  }

  /** A final utterance, in the order in which they end. */
  public void utterance(SpokenUtterance utterance) {
    categories.forEach(each -> each.tracker.utterance(utterance));
  }

  /** The figures so far. */
  public void figures(CallFigures figures) {
    categories.forEach(each -> each.tracker.figures(figures));
  }

  /** All utterances that begin before this were given. */
  public void reached(long millis) {
    categories.forEach(each -> each.tracker.reached(millis));
  }

  /** The call has ended; utterances and final figures were given. */
  public void end(long durationMillis) {
    categories.forEach(each -> each.tracker.end(durationMillis));
  }

  /** Categories that fit now, in the rule set's order. */
  public List<CategoryMatch> matches() {
    List<CategoryMatch> matches = new ArrayList<>();
    for (Followed category : categories) {
      if (category.tracker.matched()) {
        matches.add(match(category));
      }
    }
    return matches;
  }

  /** Categories that fit now and were not told by this method before. */
  public List<CategoryMatch> newMatches() {
    List<CategoryMatch> matches = new ArrayList<>();
    for (Followed category : categories) {
      if (!told.contains(category.name) && category.tracker.matched()) {
        told.add(category.name);
        matches.add(match(category));
      }
    }
    return matches;
  }

  /** Everything that later results depend on. */
  public void save(DataOutput out) throws IOException {
    StateData.writeList(told, StateData::writeText, out);
    for (Followed category : categories) {
      category.tracker.save(out);
    }
  }

  /** Goes on where one of the same rules was saved; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    told.addAll(StateData.readList(StateData::readText, in));
    for (Followed category : categories) {
      category.tracker.load(in);
    }
  }

  private static CategoryMatch match(Followed category) {
    Set<Interval> points = new TreeSet<>(category.tracker.points());
    return new CategoryMatch(category.name, List.copyOf(points));
  }
}
