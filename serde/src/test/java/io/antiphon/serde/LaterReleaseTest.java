package io.antiphon.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.UnknownBody;
import io.antiphon.serde.kafka.TextResponseDeserializer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.SchemaParser;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** This release reads what a later one wrote, or tells that it cannot; nothing dies. */
class LaterReleaseTest {
  private static final int LIMIT = Records.DEFAULT_MAXIMUM_BYTES;

  private static final WriterSchemas LATER =
      fingerprint ->
          List.of("ConversationEvent", "TextResponse", "SpeechResponse", "CompletedTurn").stream()
              .map(LaterRelease::schema)
              .filter(schema -> SchemaNormalization.parsingFingerprint64(schema) == fingerprint)
              .findFirst();

  private static <T extends SpecificRecord> T read(Class<T> type, String sample)
      throws RecordDecodingException {
    return Records.decode(type, LaterRelease.bytes(sample), LIMIT, LATER);
  }

  @Test
  void aBodyThatCameLaterIsUnknownAndWhatStandsAroundItIsRead() throws Exception {
    ConversationEvent event = read(ConversationEvent.class, "event-with-later-body");
    assertThat(event)
        .isEqualTo(new ConversationEvent("c-1", 7L, 8L, 2, new UnknownBody("Sneezed")));
    TextResponse text = read(TextResponse.class, "text-with-later-body");
    assertThat(text).isEqualTo(new TextResponse("c-1", 1, 4L, new UnknownBody("Laughed")));
    // It can be compared, printed and written like any other record.
    assertThat(text.toString()).contains("Laughed");
    assertThat(Records.decodeTextResponse(Records.encode(text))).isEqualTo(text);
  }

  @Test
  void fieldsThatCameLaterAreLeftOut() throws Exception {
    ConversationEvent event = read(ConversationEvent.class, "event-with-known-body");
    assertThat(event.getBody())
        .isEqualTo(new AudioChunk(ByteBuffer.wrap(new byte[] {1, 2}), 1, -1L));
    SpeechResponse speech = read(SpeechResponse.class, "speech");
    assertThat(speech.getFormat().getEncoding()).isEqualTo("alaw");
    assertThat(speech.getLast()).isTrue();
    CompletedTurn turn = read(CompletedTurn.class, "completed-turn");
    assertThat(turn.getTime().toEpochMilli()).isEqualTo(1_700_000_000_123L);
    assertThat(turn.getQuestionType()).isEqualTo("SUNG");
    assertThat(TurnRecords.answer(turn).getFinishReason()).isEqualTo(FinishReason.UNKNOWN);
  }

  @Test
  void symbolsThatCameLaterAreUnknown() throws Exception {
    ConversationStarted started =
        (ConversationStarted) read(ConversationEvent.class, "event-with-later-mode").getBody();
    assertThat(started.getMode()).isEqualTo(Mode.UNKNOWN);
    assertThat(started.getTenant()).isEqualTo("kitchen");
    TurnCompleted completed =
        (TurnCompleted) read(TextResponse.class, "text-with-later-reason").getBody();
    assertThat(completed.getFinishReason()).isEqualTo(FinishReason.UNKNOWN);
    assertThat(completed.getUsage().getSpeechTokens()).isEqualTo(4);
  }

  @Test
  void everySampleIsReadCutOffOrExplained() throws Exception {
    for (String sample : LaterRelease.SAMPLES) {
      byte[] whole = LaterRelease.bytes(sample);
      for (Class<? extends SpecificRecord> type :
          List.of(
              ConversationEvent.class,
              TextResponse.class,
              SpeechResponse.class,
              CompletedTurn.class)) {
        for (int length = 10; length < whole.length; length++) {
          byte[] value = Arrays.copyOf(whole, length);
          RecordDecodingException e =
              catchThrowableOfType(
                  RecordDecodingException.class, () -> Records.decode(type, value, LIMIT, LATER));
          assertThat(e.code())
              .isIn(RecordDecodingException.UNDECODABLE, RecordDecodingException.UNKNOWN_VERSION);
        }
      }
    }
  }

  @Test
  void aSchemaThatNobodyKnowsIsSkippedAndCounted() {
    Schema unseen = withField(TextResponse.getClassSchema(), "neverPublished");
    byte[] value = LaterRelease.bytes("text-with-later-body");
    long fingerprint = SchemaNormalization.parsingFingerprint64(unseen);
    ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putLong(2, fingerprint);
    AtomicInteger asked = new AtomicInteger();
    try (TextResponseDeserializer deserializer =
        new TextResponseDeserializer(
            any -> {
              asked.incrementAndGet();
              return Optional.empty();
            })) {
      assertThat(deserializer.deserialize("text-responses", value)).isNull();
      assertThat(deserializer.deserialize("text-responses", value)).isNull();
      assertThat(deserializer.skipped()).isEqualTo(2);
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aSchemaIsAskedForOnce() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Schema schema = withField(SpeechResponse.getClassSchema(), "askedOnce");
    byte[] body = new byte[] {2, 'c', 0, 0, 0, 8, 'a', 'l', 'a', 'w', 0, 2, 0, 0, 0};
    byte[] value =
        ByteBuffer.allocate(10 + body.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) 0x01C3)
            .putLong(SchemaNormalization.parsingFingerprint64(schema))
            .put(body)
            .array();
    WriterSchemas writers =
        fingerprint -> {
          asked.incrementAndGet();
          return Optional.of(schema);
        };
    for (int i = 0; i < 3; i++) {
      assertThat(Records.decode(SpeechResponse.class, value, LIMIT, writers).getConversationId())
          .isEqualTo("c");
    }
    assertThat(asked).hasValue(1);
  }

  @Test
  void schemasThatCannotBeReadAreRefusedWithTheReason() {
    assertThatThrownBy(
            () -> Records.addWriterSchema(SchemaBuilder.record("x.Y").fields().endRecord()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a schema of x.Y; expected one of a topic's record");
    Schema lacking =
        SchemaBuilder.record("io.antiphon.schemas.TextResponse")
            .fields()
            .requiredString("conversationId")
            .endRecord();
    assertThatThrownBy(() -> Records.addWriterSchema(lacking))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "what was written as io.antiphon.schemas.TextResponse cannot be read")
        .hasMessageContaining("sequence");
    String foreign =
        LaterRelease.schema("TextResponse")
            .toString()
            .replace("\"name\":\"Laughed\"", "\"name\":\"java.lang.Runtime\"");
    assertThatThrownBy(
            () -> Records.addWriterSchema(new SchemaParser().parse(foreign).mainSchema()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Runtime");
  }

  @Test
  void theSchemasThatAreKeptAreBounded() {
    RecordCodec<SpeechResponse> codec = new RecordCodec<>(SpeechResponse.class);
    for (int i = 0; i < RecordCodec.MAXIMUM_LATER_VERSIONS; i++) {
      codec.add(withField(SpeechResponse.getClassSchema(), "field" + i));
    }
    codec.add(withField(SpeechResponse.getClassSchema(), "field0")); // known already
    assertThatThrownBy(() -> codec.add(withField(SpeechResponse.getClassSchema(), "one")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 256");
  }

  private static Schema withField(Schema schema, String field) {
    String json = schema.toString();
    int end = json.lastIndexOf("]}");
    return new SchemaParser()
        .parse(
            json.substring(0, end)
                + ",{\"name\":\""
                + field
                + "\",\"type\":\"string\",\"default\":\"\"}"
                + json.substring(end))
        .mainSchema();
  }
}
