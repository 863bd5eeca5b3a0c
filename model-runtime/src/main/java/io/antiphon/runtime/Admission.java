package io.antiphon.runtime;

import java.time.Duration;

/**
 * Who may converse at a host. A conversation asks once, at its beginning; one that was accepted is
 * never refused later, whatever happens to the load. Thread safe; never waits.
 */
public interface Admission {
  /** What a conversation is told. */
  sealed interface Decision {}

  /**
   * It is served.
   *
   * @param place what it holds; closed when the conversation ends or rests
   */
  record Accepted(Place place) implements Decision {}

  /**
   * It is not served now.
   *
   * @param reason a code ({@code capacity}, {@code load} or {@code late}), a colon, a sentence
   * @param retryAfter when to ask again
   */
  record Refused(String reason, Duration retryAfter) implements Decision {}

  /** The share of the host that one conversation holds. */
  interface Place extends AutoCloseable {
    /** Gives the share back; the second time does nothing. */
    @Override
    void close();
  }

  /**
   * Asks for a new conversation. One is always accepted where none is.
   *
   * @param contexts response sessions that it keeps, each of which needs a row while it works
   */
  Decision request(int contexts);

  /**
   * Takes a place for a conversation that was accepted before: one that was restored or that comes
   * back from a rest. Never refused; until enough others have left, nobody new is accepted.
   */
  Place resume(int contexts);

  /** A conversation from which nothing came for so long rests and gives its place back. */
  Duration idleAfter();
}
