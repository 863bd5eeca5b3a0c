package io.antiphon.serde.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.QuestionType;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.schemas.Usage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KafkaSerdeTest {
  static Stream<Arguments> pairs() {
    return Stream.of(
        Arguments.of(
            new ConversationEventSerializer(),
            new ConversationEventDeserializer(),
            new ConversationEvent("c", 3L, 4L, 0, new TurnEnded())),
        Arguments.of(
            new SpeechResponseSerializer(),
            new SpeechResponseDeserializer(),
            new SpeechResponse(
                "c", 0, 0L, 0L, new AudioFormat("alaw", 8_000, 1), ByteBuffer.allocate(4), false)),
        Arguments.of(
            new TextResponseSerializer(),
            new TextResponseDeserializer(),
            new TextResponse("c", 0, 0L, new TextDelta("yes", -1L))),
        Arguments.of(
            new CompletedTurnSerializer(),
            new CompletedTurnDeserializer(),
            CompletedTurn.newBuilder()
                .setConversationId("c")
                .setTurn(0)
                .setTime(Instant.EPOCH)
                .setQuestionType(QuestionType.WRITTEN.name())
                .setQuestion("why")
                .setText("so")
                .setFinishReason(FinishReason.STOP.name())
                .setUsage(new Usage(1, 2, 3, 4, 0))
                .setAudioMillis(5L)
                .build()),
        Arguments.of(
            new DeadLetterSerializer(),
            new DeadLetterDeserializer(),
            new DeadLetter("t", 0, 0L, null, ByteBuffer.allocate(2_000_000), "code", "message")));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  <T> void everyRecordComesBack(Serializer<T> serializer, Deserializer<T> deserializer, T value) {
    try (serializer;
        deserializer) {
      byte[] bytes = serializer.serialize("topic", value);
      assertThat(deserializer.deserialize("topic", bytes)).isEqualTo(value);
      assertThat(serializer.serialize("topic", null)).isNull();
      assertThat(deserializer.deserialize("topic", (byte[]) null)).isNull();
    }
  }

  @Test
  void aBadValueIsASerializationExceptionWithItsCode() {
    try (ConversationEventDeserializer deserializer = new ConversationEventDeserializer()) {
      assertThatThrownBy(() -> deserializer.deserialize("audio-chunks", new byte[] {1, 2}))
          .isInstanceOf(SerializationException.class)
          .hasMessageStartingWith("audio-chunks: undecodable: the value's 2 bytes are no Avro");
    }
  }

  @Test
  void aBadRecordIsASerializationException() {
    try (ConversationEventSerializer serializer = new ConversationEventSerializer()) {
      ConversationEvent event = new ConversationEvent("c", 0L, 0L, 0, "no body");
      assertThatThrownBy(() -> serializer.serialize("audio-chunks", event))
          .isInstanceOf(SerializationException.class)
          .hasMessageStartingWith("audio-chunks: the ConversationEvent does not fit its schema");
    }
  }
}
