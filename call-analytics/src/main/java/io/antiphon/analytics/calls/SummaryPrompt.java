package io.antiphon.analytics.calls;

import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * What a model is given of a call whose summary it is to write: the redacted transcript, a line an
 * utterance with the role of who said it. Of a call that does not fit, begin and end are given:
 * what it is about and what came of it stand there.
 *
 * @param text the lines, and where some are left out one that says so
 * @param omittedSegments utterances that are left out
 */
public record SummaryPrompt(String text, int omittedSegments) {
  /** What the model is asked for; the call is what follows. */
  public static final String TASK =
      "Summarize the telephone call in at most four short sentences: what the customer wants, what "
          + "the agent does about it, how it ends. In every sentence quote a few words of the call "
          + "between double quotation marks, exactly as they were said. Words in square brackets "
          + "stand for personal data. Write nothing else.";

  /**
   * @param transcript as it may leave; utterances without words are passed over
   * @param positions how much of the model's context a piece of text takes
   * @param room how much of it there is
   * @return empty when nothing was said, or nothing of it has room
   */
  public static Optional<SummaryPrompt> of(
      List<TranscriptSegment> transcript, ToIntFunction<String> positions, int room) {
    List<String> lines =
        transcript.stream()
            .filter(each -> !each.text().isBlank())
            .map(each -> each.role() + ": " + each.text() + "\n")
            .toList();
    int left = room;
    int fits = 0;
    while (fits < lines.size() && left >= 0) {
      left -= positions.applyAsInt(lines.get(fits++));
    }
    if (left >= 0) {
      return lines.isEmpty()
          ? Optional.empty()
          : Optional.of(new SummaryPrompt(String.join("", lines), 0));
    }
    left = room - positions.applyAsInt(omission(lines.size()));
    int first = 0;
    int last = lines.size();
    boolean begin = true;
    while (first < last) {
      left -= positions.applyAsInt(lines.get(begin ? first : last - 1));
      if (left < 0) {
        break;
      }
      first += begin ? 1 : 0;
      last -= begin ? 0 : 1;
      begin = !begin;
    }
    return first == 0
        ? Optional.empty()
        : Optional.of(
            new SummaryPrompt(
                String.join("", lines.subList(0, first))
                    + omission(last - first)
                    + String.join("", lines.subList(last, lines.size())),
                last - first));
  }

  private static String omission(int lines) {
    return "(" + lines + " utterances are left out here.)\n";
  }
}
