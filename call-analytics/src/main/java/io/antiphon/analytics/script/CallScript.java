package io.antiphon.analytics.script;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.figures.Interruption;
import io.antiphon.analytics.redaction.PersonalData;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A call of an agent (channel 0) and a customer (channel 1), with all that is true of it.
 *
 * @param seed from which it was made
 * @param participants the two
 * @param durationMillis length of the call
 * @param utterances by begin; each is one segment
 * @param holds when the customer was on hold
 * @param interruptions those that were planned
 * @param backchannels how many were planned
 * @param earlyReplies how many were planned
 */
public record CallScript(
    long seed,
    List<Participant> participants,
    long durationMillis,
    List<Line> utterances,
    List<Interval> holds,
    List<Interruption> interruptions,
    int backchannels,
    int earlyReplies) {
  /**
   * What is said in one go.
   *
   * @param channel who says it
   * @param interval when
   * @param words its words with their times
   * @param secret for each word whether it tells personal data
   * @param data what kind of data is planted in it; empty where none is
   */
  public record Line(
      int channel,
      Interval interval,
      List<Word> words,
      List<Boolean> secret,
      List<PersonalData> data) {
    public Line {
      words = List.copyOf(words);
      secret = List.copyOf(secret);
      data = List.copyOf(data);
    }

    public String text() {
      return String.join(" ", words.stream().map(Word::text).toList());
    }
  }

  public CallScript {
    participants = List.copyOf(participants);
    utterances = List.copyOf(utterances);
    holds = List.copyOf(holds);
    interruptions = List.copyOf(interruptions);
  }

  /** The channel's segments in order. */
  public List<Interval> segments(int channel) {
    return utterances.stream()
        .filter(line -> line.channel() == channel)
        .map(Line::interval)
        .sorted()
        .toList();
  }

  /** The utterances in the order in which they end, as a recogniser finishes them. */
  public List<Line> byEnd() {
    List<Line> lines = new ArrayList<>(utterances);
    lines.sort(
        Comparator.comparingLong((Line line) -> line.interval().endMillis())
            .thenComparingInt(Line::channel));
    return lines;
  }
}
