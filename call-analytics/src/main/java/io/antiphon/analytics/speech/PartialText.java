package io.antiphon.analytics.speech;

import io.antiphon.analytics.Word;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The text of an utterance while it is spoken. The recogniser hears the utterance again and again,
 * each time with more of it. Certain are the words at its begin that two successive texts have in
 * common, and those that ended {@value #SETTLED_MILLIS} ms or more before the end of what was
 * heard. What is certain may only grow.
 */
public final class PartialText {
  /**
   * So long after its end a word mostly stays as it is: what follows it was heard too. Where words
   * have no times it takes a second text to know that.
   */
  public static final long SETTLED_MILLIS = 500;

  private List<String> previous = List.of();
  private List<String> told = List.of();

  /**
   * Takes what the recogniser hears now.
   *
   * @param heard from the utterance's begin on, in media time where the words have times
   * @param endMillis media time up to which it was heard
   * @return the words that are certain, if they are more than before
   */
  public Optional<List<String>> heard(List<Word> heard, long endMillis) {
    List<String> words = heard.stream().map(Word::text).toList();
    List<String> certain =
        List.copyOf(words.subList(0, Math.max(common(words), settled(heard, endMillis))));
    previous = words;
    boolean grows = certain.size() > told.size() && certain.subList(0, told.size()).equals(told);
    if (!grows) {
      return Optional.empty();
    }
    told = certain;
    return Optional.of(certain);
  }

  private int common(List<String> words) {
    int common = 0;
    while (common < Math.min(words.size(), previous.size())
        && words.get(common).equals(previous.get(common))) {
      common++;
    }
    return common;
  }

  private static int settled(List<Word> heard, long endMillis) {
    int settled = 0;
    while (settled < heard.size()
        && heard.get(settled).timed()
        && heard.get(settled).endMillis() <= endMillis - SETTLED_MILLIS) {
      settled++;
    }
    return settled;
  }

  /** Everything that later texts depend on. */
  public void save(DataOutput out) throws IOException {
    StateData.writeList(previous, StateData::writeText, out);
    StateData.writeList(told, StateData::writeText, out);
    out.writeInt(0); // revisions were counted here too
  }

  /** Goes on where another one was saved; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    previous = List.copyOf(StateData.readList(StateData::readText, in));
    told = List.copyOf(StateData.readList(StateData::readText, in));
    in.readInt();
  }
}
