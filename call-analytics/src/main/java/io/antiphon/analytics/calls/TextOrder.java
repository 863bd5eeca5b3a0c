package io.antiphon.analytics.calls;

import io.antiphon.analytics.Word;
import io.antiphon.analytics.speech.SpeechSettings;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts recognised utterances, and what was said of one so far, into the order in which they end in
 * media time, whatever order the recogniser finishes them in: redaction and rules look at what was
 * said before.
 *
 * <p>An utterance that goes on may still be cut before the place up to which it was heard. What was
 * said of it so far stands where the earliest such cut would be, and so before the whole, however
 * that ends: it need not wait for the cut.
 */
final class TextOrder {
  /** Stands for an utterance as a whole. */
  static final long WHOLE = -1;

  /** An utterance with its loudness by second and what was recognised; null if that failed. */
  record Recognised(
      Utterance utterance, List<@Nullable Integer> loudness, @Nullable List<Word> words) {}

  /**
   * @param part {@value #WHOLE} for the whole, otherwise where what was said so far ends
   */
  private record Key(int channel, int number, long part) {
    static Key of(Utterance utterance) {
      return new Key(
          utterance.channel(),
          utterance.number(),
          utterance.end() == Utterance.End.OPEN ? utterance.interval().endMillis() : WHOLE);
    }
  }

  private final SpeechSettings settings;
  private final TreeSet<Utterance> waiting =
      new TreeSet<>(
          Comparator.comparingLong(this::place)
              .thenComparingInt(Utterance::channel)
              .thenComparingInt(Utterance::number)
              .thenComparing(utterance -> utterance.end() != Utterance.End.OPEN)
              .thenComparingLong(utterance -> utterance.interval().endMillis()));
  private final Map<Key, List<@Nullable Integer>> loudness = new HashMap<>();
  private final Map<Key, Recognised> recognised = new HashMap<>();

  TextOrder(SpeechSettings settings) {
    this.settings = settings;
  }

  /** Where a text stands in media time. */
  private long place(Utterance utterance) {
    long end = utterance.interval().endMillis();
    return utterance.end() == Utterance.End.OPEN
        ? settings.earliestCut(utterance.interval().beginMillis(), end)
        : end;
  }

  /** An utterance whose text will come. */
  void await(Utterance utterance, List<@Nullable Integer> scores) {
    waiting.add(utterance);
    loudness.put(Key.of(utterance), scores);
  }

  /**
   * @param part {@link #WHOLE}, or where what was said so far ends
   */
  void recognised(int channel, int number, long part, @Nullable List<Word> words) {
    Key key = new Key(channel, number, part);
    Utterance utterance =
        waiting.stream()
            .filter(each -> Key.of(each).equals(key))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "text of utterance "
                            + number
                            + " of channel "
                            + channel
                            + ", which no text is awaited for"));
    List<@Nullable Integer> scores = loudness.getOrDefault(key, List.of());
    recognised.put(key, new Recognised(utterance, scores, words));
  }

  /**
   * The next utterance, if it is recognised.
   *
   * @param endsFrom for each channel, utterances still to come end at this time or later
   * @param until and it stands by then
   * @return null if it is not its turn
   */
  @Nullable Recognised next(long[] endsFrom, long until) {
    if (waiting.isEmpty() || place(waiting.first()) > until) {
      return null;
    }
    Utterance first = waiting.first();
    Key key = Key.of(first);
    Recognised text = recognised.get(key);
    boolean last = true;
    for (int channel = 0; channel < endsFrom.length; channel++) {
      // Of its own channel nothing stands at the same place before it.
      boolean whole = first.end() != Utterance.End.OPEN;
      boolean own = channel == first.channel();
      last &=
          own && (whole || place(first) <= endsFrom[channel]) || place(first) < endsFrom[channel];
    }
    if (text == null || !last) {
      return null;
    }
    waiting.pollFirst();
    recognised.remove(key);
    loudness.remove(key);
    return text;
  }

  /** Whether no utterance that ends by then is left or can still come. */
  boolean complete(long[] endsFrom, long until) {
    for (long each : endsFrom) {
      if (each <= until) {
        return false;
      }
    }
    return waiting.isEmpty() || place(waiting.first()) > until;
  }

  /** Where the channel's first utterance begins whose text is still to come; -1 if none. */
  long awaitedSince(int channel) {
    return waiting.stream()
        .filter(each -> each.channel() == channel)
        .mapToLong(each -> each.interval().beginMillis())
        .min()
        .orElse(-1);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  void save(DataOutput out) throws IOException {
    StateData.writeList(
        waiting,
        (utterance, to) -> {
          Key key = Key.of(utterance);
          to.writeInt(utterance.channel());
          to.writeInt(utterance.number());
          StateData.writeInterval(utterance.interval(), to);
          to.writeByte(utterance.end().ordinal());
          StateData.writeList(loudness.getOrDefault(key, List.of()), StateData::writeScore, to);
          Recognised text = recognised.get(key);
          to.writeBoolean(text != null);
          if (text != null) {
            List<Word> words = text.words();
            to.writeBoolean(words != null);
            StateData.writeList(words == null ? List.of() : words, StateData::writeWord, to);
          }
        },
        out);
  }

  void load(DataInput in) throws IOException {
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      int channel = in.readInt();
      int number = in.readInt();
      Utterance utterance =
          new Utterance(
              channel, number, StateData.readInterval(in), Utterance.End.values()[in.readByte()]);
      await(utterance, StateData.readScores(in));
      if (in.readBoolean()) {
        boolean understood = in.readBoolean();
        List<Word> words = StateData.readList(StateData::readWord, in);
        recognised(channel, number, Key.of(utterance).part(), understood ? words : null);
      }
    }
  }
}
