package io.antiphon.analytics.speech;

import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The text of an utterance while it is spoken. The recogniser hears the utterance again and again,
 * each time with more of it; what two successive texts have in common at their begin is told, as a
 * numbered revision that may only grow. The final text replaces all of it.
 */
public final class PartialText {
  /**
   * @param number counts the revisions of an utterance from 0
   * @param text the words so far
   * @param last true for the final text
   */
  public record Revision(int number, String text, boolean last) {}

  private List<String> previous = List.of();
  private List<String> told = List.of();
  private int number;

  /**
   * Takes what the recogniser hears now.
   *
   * @return a revision, if more words are certain than were told
   */
  public Optional<Revision> heard(String text) {
    List<String> words = words(text);
    int common = 0;
    while (common < Math.min(words.size(), previous.size())
        && words.get(common).equals(previous.get(common))) {
      common++;
    }
    List<String> certain = new ArrayList<>(words.subList(0, common));
    previous = words;
    boolean grows = certain.size() > told.size() && certain.subList(0, told.size()).equals(told);
    if (!grows) {
      return Optional.empty();
    }
    told = certain;
    return Optional.of(new Revision(number++, String.join(" ", told), false));
  }

  /** Takes the final text; the next text is another utterance's. */
  public Revision complete(String text) {
    Revision last = new Revision(number, String.join(" ", words(text)), true);
    previous = List.of();
    told = List.of();
    number = 0;
    return last;
  }

  /** Everything that later revisions depend on. */
  public void save(DataOutput out) throws IOException {
    StateData.writeList(previous, StateData::writeText, out);
    StateData.writeList(told, StateData::writeText, out);
    out.writeInt(number);
  }

  /** Goes on where another one was saved; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    previous = List.copyOf(StateData.readList(StateData::readText, in));
    told = List.copyOf(StateData.readList(StateData::readText, in));
    number = in.readInt();
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }
}
