package io.antiphon.gateway.conversation;

/** A conversation is not taken. */
public final class CallRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * @param code such as "capacity", "draining" or "unknown-conversation"
   */
  public CallRefusedException(String code, String message) {
    super(message);
    this.code = code;
  }

  public String code() {
    return code;
  }
}
