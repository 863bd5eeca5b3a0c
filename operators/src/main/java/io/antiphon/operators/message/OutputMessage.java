package io.antiphon.operators.message;

import io.antiphon.operators.state.SerializedType;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.TextResponse;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * What travels from the dialogue operator to the output operator, in order within a conversation.
 * Immutable.
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public sealed interface OutputMessage {
  TypeInformation<OutputMessage> TYPE =
      new SerializedType<>(OutputMessage.class, new OutputMessageSerializer());

  String conversation();

  /**
   * An answer that may speak begins.
   *
   * @param voice one of the bundle's; empty for its first or only one
   */
  record AnswerStarted(String conversation, int turn, AudioFormat format, String voice)
      implements OutputMessage {}

  /** The speech ids of one step, 1 to k, codes only. */
  record SpeechTokens(String conversation, int turn, int[] ids) implements OutputMessage {}

  /** The model stopped speaking; what the detokenizer holds back can come out. */
  record SpeechEnded(String conversation, int turn) implements OutputMessage {}

  /** A record for {@code text-responses}, complete. */
  record Text(String conversation, TextResponse response) implements OutputMessage {}

  /**
   * The answer is over. Its records leave when the audio has.
   *
   * @param outcome all that is known of it but its audio
   */
  record AnswerCompleted(String conversation, AnswerOutcome outcome) implements OutputMessage {
    public int turn() {
      return outcome.turn();
    }
  }

  /** No more audio of this answer and those before it. */
  record AnswerInterrupted(String conversation, int turn) implements OutputMessage {}

  /** Nothing more will come. */
  record AnswersClosed(String conversation) implements OutputMessage {}
}
