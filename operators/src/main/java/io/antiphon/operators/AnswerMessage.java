package io.antiphon.operators;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.TextResponse;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * What travels from the response operator to the detokenizer operator, in order within a
 * conversation. Immutable.
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
sealed interface AnswerMessage {
  TypeInformation<AnswerMessage> TYPE =
      new SerializedType<>(AnswerMessage.class, new AnswerMessageSerializer());

  String conversation();

  /** An answer that may speak begins. */
  record AnswerStarted(String conversation, int turn, AudioFormat format)
      implements AnswerMessage {}

  /** The speech ids of one step, 1 to k, codes only. */
  record SpeechTokens(String conversation, int turn, int[] ids) implements AnswerMessage {}

  /** The model stopped speaking; what the detokenizer holds back can come out. */
  record SpeechEnded(String conversation, int turn) implements AnswerMessage {}

  /** A record for {@code text-responses}, complete. */
  record Text(String conversation, TextResponse response) implements AnswerMessage {}

  /**
   * The answer is over. Its records leave when the audio has.
   *
   * @param sequence of the TurnCompleted among the answer's text records
   * @param record without what only the detokenizer knows
   * @param askedAt milliseconds since the epoch at which the caller's turn ended
   */
  record AnswerCompleted(String conversation, long sequence, CompletedTurn record, double askedAt)
      implements AnswerMessage {
    int turn() {
      return record.getTurn();
    }
  }

  /** No more audio of this answer and those before it. */
  record AnswerInterrupted(String conversation, int turn) implements AnswerMessage {}

  /** Nothing more will come. */
  record AnswersClosed(String conversation) implements AnswerMessage {}
}
