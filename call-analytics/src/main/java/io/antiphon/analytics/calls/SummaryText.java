package io.antiphon.analytics.calls;

import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.rules.CategoryMatch;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes what happened in a call, from a template. */
public final class SummaryText {
  private SummaryText() {}

  static String of(
      CallFigures figures,
      List<ParticipantSummary> participants,
      String issue,
      List<String> actions,
      List<CategoryMatch> categories) {
    StringBuilder text = new StringBuilder();
    text.append("The call lasted ").append(time(figures.durationMillis())).append('.');
    for (ParticipantSummary participant : participants) {
      long share =
          figures.durationMillis() == 0
              ? 0
              : Math.round(100.0 * participant.figures().talkMillis() / figures.durationMillis());
      text.append(" The ")
          .append(participant.role().toLowerCase(Locale.ROOT))
          .append(" talked ")
          .append(share)
          .append(" % of the time");
      if (participant.figures().interruptions() > 0) {
        text.append(" and interrupted ").append(times(participant.figures().interruptions()));
      }
      text.append(mood(participant.sentiment())).append('.');
    }
    if (!issue.isEmpty()) {
      text.append(" It began with: \"").append(issue).append("\".");
    }
    if (!actions.isEmpty()) {
      text.append(" What was done: ").append(String.join(", ", actions)).append('.');
    }
    if (figures.longestNonTalkMillis() > 0) {
      text.append(" Nobody talked for up to ")
          .append(time(figures.longestNonTalkMillis()))
          .append('.');
    }
    return text.append(categories(categories.stream().map(CategoryMatch::name).toList()))
        .toString();
  }

  /**
   * The same text with other categories.
   *
   * @param text as written with the categories {@code before}
   */
  public static String withCategories(String text, List<String> before, List<String> after) {
    String told = categories(before);
    return text.endsWith(told)
        ? text.substring(0, text.length() - told.length()) + categories(after)
        : text;
  }

  private static String categories(List<String> names) {
    return names.isEmpty() ? "" : " Categories: " + String.join(", ", names) + ".";
  }

  private static String mood(@Nullable Double sentiment) {
    if (sentiment == null) {
      return "";
    }
    return sentiment <= -1 ? ", in negative words" : sentiment >= 1 ? ", in positive words" : "";
  }

  private static String times(int count) {
    return count == 1 ? "once" : count == 2 ? "twice" : count + " times";
  }

  private static String time(long millis) {
    long seconds = Math.round(millis / 1000.0);
    return seconds < 60
        ? seconds + " s"
        : seconds / 60 + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
  }
}
