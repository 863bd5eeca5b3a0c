package io.antiphon.client;

import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a topic that is written at least once a stream in which every response stands once and
 * in its place. A response is known by (conversation, turn, sequence): a second one is dropped, one
 * that comes too early is held until those before it are there. Turns do not wait for each other.
 *
 * <p>The end of a turn, a TurnCompleted or the speech response that is the last, stands once and is
 * the last of its turn. After a restart an interruption may cut an answer elsewhere than before, so
 * an end may carry a number that was used already: it is given out nevertheless, and what comes of
 * the turn afterwards is dropped. Such a last piece may repeat audio; its offset tells.
 *
 * <p>Responses of turn -1, which are about the conversation as a whole, have their own numbering.
 *
 * <p>Not thread safe. Memory: one number per turn and the held responses, until {@link #forget} or
 * the {@link ReaderLimits} are reached.
 *
 * @param <T> {@link SpeechResponse} or {@link TextResponse}
 */
public final class ResponseReader<T> {
  private static final int REMEMBERED_GAPS = 256;

  private final Function<T, String> conversation;
  private final ToIntFunction<T> turn;
  private final ToLongFunction<T> sequence;
  private final Predicate<T> end;
  private final ReaderLimits limits;

  private final Map<String, Turns<T>> conversations = new LinkedHashMap<>(16, 0.75f, true);
  private final Deque<ResponseGap> lost = new ArrayDeque<>();
  private long lostGaps;
  private long duplicates;
  private long late;

  private ResponseReader(
      Function<T, String> conversation,
      ToIntFunction<T> turn,
      ToLongFunction<T> sequence,
      Predicate<T> end,
      ReaderLimits limits) {
    this.conversation = conversation;
    this.turn = turn;
    this.sequence = sequence;
    this.end = end;
    this.limits = limits;
  }

  /**
   * A reader of {@code speech-responses}.
   *
   * @param maximumHeld responses of one turn that wait for a missing one before it is given up
   */
  public static ResponseReader<SpeechResponse> speech(int maximumHeld) {
    return speech(ReaderLimits.holding(maximumHeld));
  }

  /** A reader of {@code speech-responses}. */
  public static ResponseReader<SpeechResponse> speech(ReaderLimits limits) {
    return new ResponseReader<>(
        SpeechResponse::getConversationId,
        SpeechResponse::getTurn,
        SpeechResponse::getSequence,
        SpeechResponse::getLast,
        limits);
  }

  /**
   * A reader of {@code text-responses}.
   *
   * @param maximumHeld responses of one turn that wait for a missing one before it is given up
   */
  public static ResponseReader<TextResponse> text(int maximumHeld) {
    return text(ReaderLimits.holding(maximumHeld));
  }

  /** A reader of {@code text-responses}. */
  public static ResponseReader<TextResponse> text(ReaderLimits limits) {
    return new ResponseReader<>(
        TextResponse::getConversationId,
        TextResponse::getTurn,
        TextResponse::getSequence,
        response -> response.getBody() instanceof TurnCompleted,
        limits);
  }

  /**
   * Takes the topic's next response.
   *
   * @return the responses of its turn whose turn it is now, in order; none when it is known already
   *     or one before it is missing. When more than the maximum are held, the missing ones count as
   *     {@link #lost} and the stream goes on after them.
   */
  public List<T> accept(T response) {
    Turns<T> turns = turns(conversation.apply(response));
    Turn<T> state = turns.of(turn.applyAsInt(response), limits.turns(), end);
    if (state == null) {
      late++;
      return List.of();
    }
    long number = sequence.applyAsLong(response);
    boolean ends = end.test(response) && !state.closed;
    if (ends && number < state.next) {
      state.close();
      return List.of(response);
    }
    T before = number < state.next || state.closed ? response : state.held.get(number);
    if (before == null || (ends && !end.test(before))) {
      state.held.put(number, response);
    }
    if (before != null) {
      duplicates++;
      return List.of();
    }
    List<T> released = state.release();
    if (state.held.size() > limits.heldResponses()) {
      released.addAll(giveUp(conversation.apply(response), turn.applyAsInt(response)));
    }
    return released;
  }

  private Turns<T> turns(String id) {
    Turns<T> turns = conversations.get(id);
    if (turns == null) {
      turns = new Turns<>();
      conversations.put(id, turns);
      if (conversations.size() > limits.conversations()) {
        Iterator<String> longestSilent = conversations.keySet().iterator();
        longestSilent.next();
        longestSilent.remove();
      }
    }
    return turns;
  }

  /** The places where responses are held back now, in the order of turns. */
  public List<ResponseGap> openGaps() {
    List<ResponseGap> gaps = new ArrayList<>();
    conversations.forEach(
        (id, turns) ->
            turns.known.forEach(
                (number, state) -> {
                  if (!state.held.isEmpty()) {
                    gaps.add(new ResponseGap(id, number, state.next, state.held.firstKey()));
                  }
                }));
    return gaps;
  }

  /**
   * Waits no longer for the first gap of a turn: it counts as lost.
   *
   * @return the responses that were held behind it, up to the next gap
   */
  public List<T> giveUp(String conversationId, int turn) {
    Turns<T> turns = conversations.get(conversationId);
    Turn<T> state = turns == null ? null : turns.known.get(turn);
    if (state == null || state.held.isEmpty()) {
      return List.of();
    }
    long present = state.held.firstKey();
    lost.add(new ResponseGap(conversationId, turn, state.next, present));
    lostGaps++;
    if (lost.size() > REMEMBERED_GAPS) {
      lost.removeFirst();
    }
    state.next = present;
    return state.release();
  }

  /** The newest of the gaps that were given up, 256 at most, oldest first. */
  public List<ResponseGap> lost() {
    return List.copyOf(lost);
  }

  /** How many gaps were given up. */
  public long lostGaps() {
    return lostGaps;
  }

  /** Responses that were dropped because their turn is no longer remembered. */
  public long late() {
    return late;
  }

  /** Responses that were dropped because they were known. */
  public long duplicates() {
    return duplicates;
  }

  /** Frees what is remembered of a conversation that is over. */
  public void forget(String conversationId) {
    conversations.remove(conversationId);
  }

  /** Conversations that are remembered now. */
  int remembered() {
    return conversations.size();
  }

  private static final class Turns<T> {
    private final NavigableMap<Integer, Turn<T>> known = new TreeMap<>();
    private int oldest;

    /** The state of a turn, which is the newest now or was known; null of one that is too old. */
    @Nullable Turn<T> of(int number, int most, Predicate<T> end) {
      Turn<T> turn = known.get(number);
      if (turn == null) {
        if (number >= 0 && number < oldest) {
          return null;
        }
        turn = new Turn<>(end);
        known.put(number, turn);
        NavigableMap<Integer, Turn<T>> answers = known.tailMap(0, true);
        if (answers.size() > most) {
          oldest = answers.pollFirstEntry().getKey() + 1;
          return number < oldest && number >= 0 ? null : turn;
        }
      }
      return turn;
    }
  }

  private static final class Turn<T> {
    private final Predicate<T> end;
    private long next;
    private boolean closed;
    private final NavigableMap<Long, T> held = new TreeMap<>();

    Turn(Predicate<T> end) {
      this.end = end;
    }

    private List<T> release() {
      List<T> released = new ArrayList<>();
      while (!held.isEmpty() && held.firstKey() == next) {
        T response = held.pollFirstEntry().getValue();
        released.add(response);
        next++;
        if (end.test(response)) {
          close();
        }
      }
      return released;
    }

    private void close() {
      closed = true;
      held.clear();
    }
  }
}
