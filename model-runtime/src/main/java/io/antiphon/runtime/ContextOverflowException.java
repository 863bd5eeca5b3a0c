package io.antiphon.runtime;

/** A conversation's context would become longer than its row. */
public final class ContextOverflowException extends IllegalStateException {
  private final int positions;
  private final int limit;

  public ContextOverflowException(String conversation, int positions, int limit) {
    super(
        "conversation "
            + conversation
            + " would have "
            + positions
            + " positions, positionsPerRow allows "
            + limit);
    this.positions = positions;
    this.limit = limit;
  }

  public int positions() {
    return positions;
  }

  public int limit() {
    return limit;
  }
}
