package io.antiphon.analytics.calls;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.redaction.MaskedSpan;
import io.antiphon.analytics.redaction.PersonalData;
import io.antiphon.analytics.sentiment.Sentiment.Evidence;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A final utterance as it may leave.
 *
 * @param channel on which it was said
 * @param role of who said it
 * @param number counts the channel's utterances from 0; with the channel it names the utterance
 * @param interval its media time
 * @param text redacted
 * @param words redacted, with times where the recogniser gives them
 * @param sentiment -5 to 5
 * @param evidence the words that made the sentiment; none of them is masked
 * @param loudness 0 to 100 by second, null for a second without speech
 * @param redactions what was masked
 * @param silenced media time to be silenced in the sound
 */
public record TranscriptSegment(
    int channel,
    String role,
    int number,
    Interval interval,
    String text,
    List<Word> words,
    double sentiment,
    List<Evidence> evidence,
    List<@Nullable Integer> loudness,
    List<MaskedSpan> redactions,
    List<Interval> silenced) {
  public TranscriptSegment {
    words = List.copyOf(words);
    evidence = List.copyOf(evidence);
    redactions = List.copyOf(redactions);
    silenced = List.copyOf(silenced);
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(channel);
    StateData.writeText(role, out);
    out.writeInt(number);
    StateData.writeInterval(interval, out);
    StateData.writeText(text, out);
    StateData.writeList(words, StateData::writeWord, out);
    out.writeDouble(sentiment);
    StateData.writeList(
        evidence,
        (each, to) -> {
          to.writeInt(each.word());
          StateData.writeText(each.text(), to);
          to.writeDouble(each.valence());
        },
        out);
    StateData.writeList(loudness, StateData::writeScore, out);
    StateData.writeList(
        redactions,
        (each, to) -> {
          to.writeByte(each.kind().ordinal());
          to.writeInt(each.firstWord());
          to.writeInt(each.endWord());
        },
        out);
    StateData.writeList(silenced, StateData::writeInterval, out);
  }

  static TranscriptSegment read(DataInput in) throws IOException {
    return new TranscriptSegment(
        in.readInt(),
        StateData.readText(in),
        in.readInt(),
        StateData.readInterval(in),
        StateData.readText(in),
        StateData.readList(StateData::readWord, in),
        in.readDouble(),
        StateData.readList(
            from -> new Evidence(from.readInt(), StateData.readText(from), from.readDouble()), in),
        StateData.readScores(in),
        StateData.readList(
            from ->
                new MaskedSpan(
                    PersonalData.values()[from.readByte()], from.readInt(), from.readInt()),
            in),
        StateData.readList(StateData::readInterval, in));
  }
}
