package io.antiphon.operators.feedback;

import io.antiphon.schemas.Feedback;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads records of {@code feedback} and checks what they say. */
final class FeedbackRecords {
  /** The feedback's values are out of range, or it says nothing. */
  static final String INVALID = "invalid-feedback";

  /** The longest text that somebody can write in an answer's place, in bytes of UTF-8. */
  static final int MAXIMUM_TEXT_BYTES = 1 << 15;

  private FeedbackRecords() {}

  /**
   * @throws RecordDecodingException with a code of its own or {@link #INVALID}
   */
  static Feedback read(byte @Nullable [] key, byte @Nullable [] value, int maximumBytes)
      throws RecordDecodingException {
    String conversation = Records.conversationId(key);
    Feedback feedback = Records.decode(Feedback.class, value, maximumBytes);
    Records.requireSameConversation(conversation, feedback.getConversationId());
    require(feedback.getTurn() >= 0, "turn is " + feedback.getTurn() + ", expected 0 or more");
    int rating = feedback.getRating();
    require(rating >= -1 && rating <= 1, "rating is " + rating + ", expected -1, 0 or 1");
    String preferred = feedback.getPreferredText();
    if (preferred != null) {
      require(!preferred.isBlank(), "preferredText is blank, expected a text or null");
      int bytes = preferred.getBytes(StandardCharsets.UTF_8).length;
      require(
          bytes <= MAXIMUM_TEXT_BYTES,
          "preferredText has " + bytes + " bytes, expected at most " + MAXIMUM_TEXT_BYTES);
    }
    return feedback;
  }

  private static void require(boolean condition, String message) throws RecordDecodingException {
    if (!condition) {
      throw new RecordDecodingException(INVALID, message);
    }
  }
}
