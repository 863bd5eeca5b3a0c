package io.antiphon.gateway.conversation;

import java.util.Optional;

/**
 * Where a caller who lost the connection stands.
 *
 * @param tenant of the caller who resumes
 * @param turn the last answer of which anything came, -1 for none
 * @param receivedMillis of that answer's audio that came; what begins before is not sent again
 * @param takeover what {@link CallSession#takeover} gave; with it a node that never held the
 *     conversation can go on with it
 */
public record ResumePoint(
    String conversationId,
    String tenant,
    int turn,
    long receivedMillis,
    Optional<String> takeover) {
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
