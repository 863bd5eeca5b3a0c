package io.antiphon.analytics.calls;

import io.antiphon.analytics.Word;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.analytics.state.StateData;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts recognised utterances into the order in which they end in media time, whatever order the
 * recogniser finishes them in: redaction and rules look at what was said before.
 */
final class TextOrder {
  private static final Comparator<Utterance> BY_END =
      Comparator.comparingLong((Utterance utterance) -> utterance.interval().endMillis())
          .thenComparingInt(Utterance::channel)
          .thenComparingInt(Utterance::number);

  /** An utterance with its loudness by second and what was recognised; null if that failed. */
  record Recognised(
      Utterance utterance, List<@Nullable Integer> loudness, @Nullable List<Word> words) {}

  private record Key(int channel, int number) {}

  private final TreeSet<Utterance> waiting = new TreeSet<>(BY_END);
  private final Map<Key, List<@Nullable Integer>> loudness = new HashMap<>();
  private final Map<Key, Recognised> recognised = new HashMap<>();

  /** An utterance whose text will come. */
  void await(Utterance utterance, List<@Nullable Integer> scores) {
    waiting.add(utterance);
    loudness.put(new Key(utterance.channel(), utterance.number()), scores);
  }

  void recognised(int channel, int number, @Nullable List<Word> words) {
    Utterance utterance =
        waiting.stream()
            .filter(each -> each.channel() == channel && each.number() == number)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "text of utterance "
                            + number
                            + " of channel "
                            + channel
                            + ", which no text is awaited for"));
    Key key = new Key(channel, number);
    List<@Nullable Integer> scores = loudness.getOrDefault(key, List.of());
    recognised.put(key, new Recognised(utterance, scores, words));
  }

  /**
   * The next utterances that are recognised.
   *
   * @param endsFrom for each channel, utterances still to come end at this time or later
   */
  List<Recognised> ready(long[] endsFrom) {
    List<Recognised> ready = new ArrayList<>();
    while (!waiting.isEmpty()) {
      Utterance first = waiting.first();
      Recognised text = recognised.get(new Key(first.channel(), first.number()));
      boolean last = true;
      for (int channel = 0; channel < endsFrom.length; channel++) {
        last &= channel == first.channel() || first.interval().endMillis() < endsFrom[channel];
      }
      if (text == null || !last) {
        break;
      }
      waiting.pollFirst();
      recognised.remove(new Key(first.channel(), first.number()));
      loudness.remove(new Key(first.channel(), first.number()));
      ready.add(text);
    }
    return ready;
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
          Key key = new Key(utterance.channel(), utterance.number());
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
      await(
          new Utterance(
              channel, number, StateData.readInterval(in), Utterance.End.values()[in.readByte()]),
          StateData.readList(StateData::readScore, in));
      if (in.readBoolean()) {
        boolean understood = in.readBoolean();
        List<Word> words = StateData.readList(StateData::readWord, in);
        recognised(channel, number, understood ? words : null);
      }
    }
  }
}
