package io.antiphon.gateway.realtime;

import io.antiphon.client.Playback;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a client has heard of the answers, by the clock: it plays one after the other, each from its
 * first sound on, and waits where the sound comes slower than it is played. A client says itself
 * what it heard of an answer that it cut off, and nothing of one that it heard whole.
 *
 * <p>Has no clock and no threads: every method is told the time. Not thread safe.
 */
final class PlaybackEstimate {
  /** So much of an answer has been heard. */
  record Heard(int turn, long millis) {}

  private static final long NANOS = 1_000_000;
  private static final int NO_TURN = -1;

  private final Deque<Answer> answers = new ArrayDeque<>();

  /** Of answers up to this one nothing is estimated any more. */
  private int toldTurn = NO_TURN;

  /**
   * Audio of an answer came.
   *
   * @param millis of it, with all that came before
   * @param now in nanoseconds, as everywhere here
   */
  void audio(int turn, long millis, long now) {
    if (turn <= toldTurn || millis <= 0) {
      return;
    }
    Answer last = answers.peekLast();
    long arrival = now;
    if (last == null || last.turn < turn) {
      arrival = last == null ? now : Math.max(now, last.playback.playedOut());
      last = new Answer(turn);
      answers.add(last);
    }
    long piece = millis * NANOS - last.playback.length();
    if (last.turn == turn && piece > 0) {
      last.playback.arrive(arrival, piece);
    }
  }

  /** No more audio of the answer comes. */
  void complete(int turn) {
    answers.stream().filter(each -> each.turn == turn).forEach(each -> each.complete = true);
  }

  /** The client tells itself what it heard of the answers up to this one. */
  void told(int turn) {
    toldTurn = Math.max(toldTurn, turn);
    answers.removeIf(each -> each.turn <= toldTurn);
  }

  /** The client stops playing, and will tell how much it played. */
  void stopped() {
    if (!answers.isEmpty()) {
      told(answers.getLast().turn);
    }
  }

  /** The answers that have been heard whole by now, each once. */
  List<Heard> whole(long now) {
    List<Heard> heard = new ArrayList<>();
    while (!answers.isEmpty() && answers.getFirst().heardWhole(now)) {
      Answer answer = answers.remove();
      toldTurn = Math.max(toldTurn, answer.turn);
      heard.add(new Heard(answer.turn, answer.playback.length() / NANOS));
    }
    return heard;
  }

  /** How much has been heard of each answer that {@link #whole} has not told of; the last call. */
  List<Heard> end(long now) {
    List<Heard> heard = new ArrayList<>();
    for (Answer answer : answers) {
      long millis = answer.playback.heard(now) / NANOS;
      if (millis > 0) {
        heard.add(new Heard(answer.turn, millis));
      }
    }
    answers.clear();
    return heard;
  }

  /** Nanoseconds until {@link #whole} has news, as things stand; empty while none is awaited. */
  OptionalLong nextNanos(long now) {
    return answers.isEmpty() || !answers.getFirst().complete
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, answers.getFirst().playback.playedOut() - now));
  }

  private static final class Answer {
    private final int turn;
    private final Playback playback = new Playback();
    private boolean complete;

    private Answer(int turn) {
      this.turn = turn;
    }

    private boolean heardWhole(long now) {
      return complete && playback.playedOut() <= now;
    }
  }
}
