package io.antiphon.gateway.security;

/** A tenant's limit is reached. */
public final class LimitException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String limit;

  /**
   * @param limit "sessions", "minutes" or "rate"
   */
  public LimitException(String limit, String message) {
    super(message);
    this.limit = limit;
  }

  public String limit() {
    return limit;
  }
}
