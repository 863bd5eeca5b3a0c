package io.antiphon.operators.calls;

import io.antiphon.operators.message.HeardText;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an agent of this house said in a call, put together from two topics without an order between
 * them. The call's own records say that something was said, and when: a playback report is where so
 * much of an answer has been heard, a tool's result that a tool was called. What was said stands in
 * {@code completed-turns}, and is waited for, however long before or after it comes.
 *
 * <p>What is known of an answered call goes to its stream: when something was said, and its text as
 * soon as that has come.
 *
 * <p>For one thread. Owns the answers that came and what is still awaited of them.
 */
final class SpokenAnswers {
  /** More than any call has. */
  private static final int MOST = 1 << 14;

  static final RecordFormat<SpokenAnswers> FORMAT =
      RecordFormat.into("spoken answers", 1, SpokenAnswers::write, SpokenAnswers::read);

  /**
   * A part of an answer that was heard in one go.
   *
   * @param number of the utterance that it is
   * @param fromMillis in the answer's speech
   * @param toMillis in the answer's speech
   */
  private record Stretch(int number, int turn, long fromMillis, long toMillis) {}

  private final TreeMap<Integer, CallAnswer> answers = new TreeMap<>();
  private final List<Stretch> stretches = new ArrayList<>();

  /** Utterances whose text is still to come. */
  private final Set<Integer> awaited = new LinkedHashSet<>();

  /** Tool calls that had their result, by id. */
  private final Set<String> results = new LinkedHashSet<>();

  private int reportedTurn = -1;
  private long reportedMillis;

  /** Of the call that is answered; null before it begins. */
  private @Nullable CallStream stream;

  private int channel;

  /**
   * The call has begun.
   *
   * @param answering channel on which the answers are said
   */
  void begin(CallStream call, int answering) {
    stream = call;
    channel = answering;
  }

  /**
   * An answer is over. The first record of a turn counts, as for every reader.
   *
   * @return false when it is not kept
   */
  boolean completed(CallAnswer answer) {
    if (answers.size() >= MOST || answers.putIfAbsent(answer.turn(), answer) != null) {
      return false;
    }
    tellTexts();
    return true;
  }

  /**
   * Takes a report of how much of an answer has been heard.
   *
   * @param atMillis where the sound of the call is when it comes, in media time
   */
  void reported(int turn, long playedMillis, long atMillis) {
    long from = turn == reportedTurn ? reportedMillis : 0;
    if (turn < 0 || turn < reportedTurn || playedMillis <= from) {
      return; // nothing of it is new
    }
    reportedTurn = turn;
    reportedMillis = playedMillis;
    int number = stream().analysis().spoken(atMillis, playedMillis - from);
    if (number >= 0) {
      stretches.add(new Stretch(number, turn, from, playedMillis));
      awaited.add(number);
      tellTexts();
    }
  }

  /** A tool's result came. */
  void result(String callId) {
    if (results.size() < MOST) {
      results.add(callId);
    }
  }

  private CallStream stream() {
    return Objects.requireNonNull(stream, "the call has not begun");
  }

  /** The answer that an utterance is part of. */
  int turn(int number) {
    return stretches.get(number).turn();
  }

  /** The texts that are known by now, each once. */
  private void tellTexts() {
    for (int number : List.copyOf(awaited)) {
      Stretch stretch = stretches.get(number);
      CallAnswer answer = answers.get(stretch.turn());
      if (answer != null) {
        awaited.remove(number);
        int from = end(answer, stretch.fromMillis());
        int to = Math.max(from, end(answer, stretch.toMillis()));
        stream()
            .text(
                channel,
                number,
                CallStream.WHOLE,
                Transcriber.words(answer.text().substring(from, to)));
      }
    }
  }

  private static int end(CallAnswer answer, long millis) {
    return millis <= 0 ? 0 : HeardText.end(answer.text(), 0, millis, answer.audioMillis());
  }

  /** Whether all that the call's records speak of has come. */
  boolean complete() {
    return awaited.isEmpty() && results.stream().allMatch(id -> tool(id) != null);
  }

  /** What is awaited will not come any more: its utterances have no text. */
  void giveUp() {
    List<Integer> missing = List.copyOf(awaited);
    awaited.clear();
    results.removeIf(id -> tool(id) == null);
    missing.forEach(number -> stream().text(channel, number, CallStream.WHOLE, null));
  }

  /** The tools that gave a result, in the order of the results; to be asked once. */
  List<String> takeTools() {
    List<String> tools = new ArrayList<>();
    for (String id : results) {
      String tool = tool(id);
      if (tool != null) {
        tools.add(tool);
      }
    }
    results.clear();
    return tools;
  }

  private @Nullable String tool(String callId) {
    return answers.values().stream()
        .map(answer -> answer.toolCalls().get(callId))
        .filter(name -> name != null)
        .findFirst()
        .orElse(null);
  }

  boolean isEmpty() {
    return answers.isEmpty();
  }

  void clear() {
    answers.clear();
    stretches.clear();
    awaited.clear();
    results.clear();
  }

  private void write(DataOutput out) throws IOException {
    StateEncoding.writeList(List.copyOf(answers.values()), CallAnswer.FORMAT::put, out);
    StateEncoding.writeList(
        stretches,
        (each, to) -> {
          to.writeInt(each.number());
          to.writeInt(each.turn());
          to.writeLong(each.fromMillis());
          to.writeLong(each.toMillis());
        },
        out);
    StateEncoding.writeList(List.copyOf(awaited), (each, to) -> to.writeInt(each), out);
    StateEncoding.writeList(List.copyOf(results), StateEncoding::writeString, out);
    out.writeInt(reportedTurn);
    out.writeLong(reportedMillis);
  }

  private void read(int version, DataInput in) throws IOException {
    StateEncoding.readList(CallAnswer.FORMAT::get, in).forEach(this::completed);
    stretches.addAll(
        StateEncoding.readList(
            from -> new Stretch(from.readInt(), from.readInt(), from.readLong(), from.readLong()),
            in));
    awaited.addAll(StateEncoding.readList(DataInput::readInt, in));
    results.addAll(StateEncoding.readList(StateEncoding::readString, in));
    reportedTurn = in.readInt();
    reportedMillis = in.readLong();
  }
}
