package io.antiphon.client;

import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

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
 * <p>Not thread safe. Memory: one number per turn until {@link #forget}, and the held responses.
 *
 * @param <T> {@link SpeechResponse} or {@link TextResponse}
 */
public final class ResponseReader<T> {
  private final Function<T, String> conversation;
  private final ToIntFunction<T> turn;
  private final ToLongFunction<T> sequence;
  private final Predicate<T> end;
  private final int maximumHeld;

  private final Map<String, NavigableMap<Integer, Turn<T>>> conversations = new HashMap<>();
  private final List<ResponseGap> lost = new ArrayList<>();
  private long duplicates;

  private ResponseReader(
      Function<T, String> conversation,
      ToIntFunction<T> turn,
      ToLongFunction<T> sequence,
      Predicate<T> end,
      int maximumHeld) {
    if (maximumHeld < 1) {
      throw new IllegalArgumentException("maximumHeld is " + maximumHeld + "; expected at least 1");
    }
    this.conversation = conversation;
    this.turn = turn;
    this.sequence = sequence;
    this.end = end;
    this.maximumHeld = maximumHeld;
  }

  /**
   * A reader of {@code speech-responses}.
   *
   * @param maximumHeld responses of one turn that wait for a missing one before it is given up
   */
  public static ResponseReader<SpeechResponse> speech(int maximumHeld) {
    return new ResponseReader<>(
        SpeechResponse::getConversationId,
        SpeechResponse::getTurn,
        SpeechResponse::getSequence,
        SpeechResponse::getLast,
        maximumHeld);
  }

  /**
   * A reader of {@code text-responses}.
   *
   * @param maximumHeld responses of one turn that wait for a missing one before it is given up
   */
  public static ResponseReader<TextResponse> text(int maximumHeld) {
    return new ResponseReader<>(
        TextResponse::getConversationId,
        TextResponse::getTurn,
        TextResponse::getSequence,
        response -> response.getBody() instanceof TurnCompleted,
        maximumHeld);
  }

  /**
   * Takes the topic's next response.
   *
   * @return the responses of its turn whose turn it is now, in order; none when it is known already
   *     or one before it is missing. When more than the maximum are held, the missing ones count as
   *     {@link #lost} and the stream goes on after them.
   */
  public List<T> accept(T response) {
    Turn<T> state =
        conversations
            .computeIfAbsent(conversation.apply(response), id -> new TreeMap<>())
            .computeIfAbsent(turn.applyAsInt(response), number -> new Turn<>(end));
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
    if (state.held.size() > maximumHeld) {
      released.addAll(giveUp(conversation.apply(response), turn.applyAsInt(response)));
    }
    return released;
  }

  /** The places where responses are held back now, in the order of turns. */
  public List<ResponseGap> openGaps() {
    List<ResponseGap> gaps = new ArrayList<>();
    conversations.forEach(
        (id, turns) ->
            turns.forEach(
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
    Turn<T> state =
        conversations.getOrDefault(conversationId, Collections.emptyNavigableMap()).get(turn);
    if (state == null || state.held.isEmpty()) {
      return List.of();
    }
    long present = state.held.firstKey();
    lost.add(new ResponseGap(conversationId, turn, state.next, present));
    state.next = present;
    return state.release();
  }

  /** Gaps that were given up, oldest first. */
  public List<ResponseGap> lost() {
    return List.copyOf(lost);
  }

  /** Responses that were dropped because they were known. */
  public long duplicates() {
    return duplicates;
  }

  /** Frees what is remembered of a conversation that is over. */
  public void forget(String conversationId) {
    conversations.remove(conversationId);
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
