package io.antiphon.gateway.conversation;

/**
 * Where a caller who lost the connection stands.
 *
 * @param tenant of the caller who resumes
 * @param turn the last answer of which anything came, -1 for none
 * @param receivedMillis of that answer's audio that came; what begins before is not sent again
 */
public record ResumePoint(String conversationId, String tenant, int turn, long receivedMillis) {
  public ResumePoint {
    if (conversationId.isEmpty()) {
      throw new IllegalArgumentException("conversationId is empty");
    }
    if (turn < -1 || receivedMillis < 0) {
      throw new IllegalArgumentException(
          "turn " + turn + ", receivedMillis " + receivedMillis + "; expected at least -1 and 0");
    }
  }
}
