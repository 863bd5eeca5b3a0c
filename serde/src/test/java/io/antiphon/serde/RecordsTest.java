package io.antiphon.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordsTest {
  private static final ConversationEvent STARTED =
      new ConversationEvent(
          "c-1",
          0L,
          17L,
          0,
          ConversationStarted.newBuilder().setTools(List.of("{\"name\": \"weather\"}")).build());

  private static final SpeechResponse SPEECH =
      new SpeechResponse(
          "c-1",
          2,
          5L,
          100L,
          new AudioFormat("pcm16", 24_000, 1),
          ByteBuffer.wrap(new byte[9]),
          true);

  private static final TextResponse TEXT =
      new TextResponse("c-1", 2, 5L, new TextDelta("hello", -1L));

  private static final DeadLetter LETTER =
      new DeadLetter("audio-chunks", 1, 2L, null, ByteBuffer.allocate(3), "undecodable", "why");

  @Test
  void everyRecordComesBack() throws Exception {
    assertThat(Records.decodeConversationEvent(Records.encode(STARTED))).isEqualTo(STARTED);
    assertThat(Records.decodeSpeechResponse(Records.encode(SPEECH))).isEqualTo(SPEECH);
    assertThat(Records.decodeTextResponse(Records.encode(TEXT))).isEqualTo(TEXT);
    assertThat(Records.decodeDeadLetter(Records.encode(LETTER))).isEqualTo(LETTER);
  }

  @Test
  void theBytesAreAvrosSingleObjectEncoding() throws Exception {
    ByteBuffer expected = STARTED.toByteBuffer();
    assertThat(ByteBuffer.wrap(Records.encode(STARTED))).isEqualTo(expected);
  }

  @Test
  void aValueThatIsCutOffAnywhereIsUndecodable() {
    byte[] whole = Records.encode(STARTED);
    for (int length = 0; length < whole.length; length++) {
      assertUndecodable(Arrays.copyOf(whole, length));
    }
    assertUndecodable(Arrays.copyOf(whole, whole.length + 1));
  }

  @Test
  void randomBodiesAreDecodedOrUndecodable() {
    Random random = new Random(5);
    byte[] header = Arrays.copyOf(Records.encode(STARTED), 10);
    for (int i = 0; i < 20_000; i++) {
      byte[] value = new byte[10 + random.nextInt(60)];
      random.nextBytes(value);
      System.arraycopy(header, 0, value, 0, header.length);
      try {
        assertThat(Records.decodeConversationEvent(value)).isNotNull();
      } catch (RecordDecodingException e) {
        assertThat(e.code()).isEqualTo(RecordDecodingException.UNDECODABLE);
      }
    }
  }

  @Test
  void oneFlippedBitIsDecodedOrExplained() {
    byte[] whole = Records.encode(STARTED);
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] value = whole.clone();
      value[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        assertThat(Records.decodeConversationEvent(value)).isNotNull();
      } catch (RecordDecodingException e) {
        String expected =
            bit >= 16 && bit < 80
                ? RecordDecodingException.UNKNOWN_VERSION
                : RecordDecodingException.UNDECODABLE;
        assertThat(e.code()).isEqualTo(expected);
      }
    }
  }

  @Test
  void aLengthBeyondTheValueTakesNoMemory() {
    byte[] header = Arrays.copyOf(Records.encode(STARTED), 10);
    // A conversation id of 2^31 - 9 bytes, and a list of as many tools.
    byte[] longId = {(byte) 0xEE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F};
    byte[] value = Arrays.copyOf(header, header.length + longId.length);
    System.arraycopy(longId, 0, value, header.length, longId.length);
    assertUndecodable(value);

    byte[] many = {
      2, 'c', 0, 0, 0, 0, 0, 0, 2, (byte) 0xEE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F, 0
    };
    value = Arrays.copyOf(header, header.length + many.length);
    System.arraycopy(many, 0, value, header.length, many.length);
    assertUndecodable(value);
  }

  @Test
  void anotherTopicsRecordIsAnUnknownVersion() {
    RecordDecodingException e = failure(Records.encode(TEXT));
    assertThat(e.code()).isEqualTo(RecordDecodingException.UNKNOWN_VERSION);
    assertThat(e)
        .hasMessageMatching(
            "the value was written with schema [0-9a-f]{16}, which no released version of"
                + " ConversationEvent has");
  }

  @Test
  void formatsOfOthersAreToldByNameWithWhatToDo() throws Exception {
    byte[] event = Records.encode(STARTED);
    byte[] body = Arrays.copyOfRange(event, 10, event.length);
    byte[] confluent = new byte[5 + body.length];
    confluent[4] = 7;
    System.arraycopy(body, 0, confluent, 5, body.length);
    foreign(confluent, "schema registry's framing", "kafka.valueEncoding to confluent");
    foreign(utf8(" {\"conversationId\": \"c\"}\n"), "looks like JSON", "have to be Avro");
    foreign(utf8("[1, 2]"), "looks like JSON");
    foreign(utf8("Obj\u0001\u0004\u0014avro.codec"), "an Avro file", "single records");
    foreign(body, "a bare Avro body, without the ten bytes before it");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void foreign(byte[] value, String... told) {
    RecordDecodingException e = failure(value);
    assertThat(e.code()).isEqualTo(RecordDecodingException.UNDECODABLE);
    assertThat(e)
        .hasMessageContaining("expected a ConversationEvent")
        .hasMessageContainingAll(told);
  }

  @Test
  void aTombstoneIsMissingItsValue() {
    RecordDecodingException e = failure(null);
    assertThat(e.code()).isEqualTo(RecordDecodingException.MISSING_VALUE);
    assertThat(e).hasMessage("the record has no value; expected a ConversationEvent");
  }

  @Test
  void aRecordOverTheLimitIsRefusedBothWays() {
    ConversationEvent event =
        new ConversationEvent(
            "c-1",
            1L,
            0L,
            0,
            new AudioChunk(ByteBuffer.allocate(Records.DEFAULT_MAXIMUM_BYTES), 0, -1L));
    byte[] value = Records.encode(event, Integer.MAX_VALUE);
    String problem =
        "the record's value has " + value.length + " bytes; at most 1048576 are allowed";
    RecordDecodingException e = failure(value);
    assertThat(e.code()).isEqualTo(RecordDecodingException.RECORD_TOO_LARGE);
    assertThat(e).hasMessage(problem);
    assertThatThrownBy(() -> Records.encode(event))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ConversationEvent: " + problem);
    assertThat(
            catchThrowableOfType(
                    RecordDecodingException.class,
                    () -> Records.decode(ConversationEvent.class, Records.encode(STARTED), 20))
                .code())
        .isEqualTo(RecordDecodingException.RECORD_TOO_LARGE);
  }

  @Test
  void aDeadLetterMayHoldARecordThatWasTooLarge() throws Exception {
    DeadLetter letter =
        new DeadLetter(
            "audio-chunks",
            1,
            2L,
            null,
            ByteBuffer.allocate(2 * Records.DEFAULT_MAXIMUM_BYTES),
            RecordDecodingException.RECORD_TOO_LARGE,
            "why");
    assertThat(Records.decodeDeadLetter(Records.encode(letter))).isEqualTo(letter);
  }

  @Test
  void aRecordWithoutARequiredFieldIsNotEncoded() {
    ConversationEvent event = new ConversationEvent(null, 0L, 0L, 0, STARTED.getBody());
    assertThatThrownBy(() -> Records.encode(event))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the ConversationEvent does not fit its schema")
        .hasMessageContaining("conversationId");
  }

  @Test
  void aKeyIsTheConversationId() throws Exception {
    assertThat(Records.conversationId(Records.key("Gespräch-1"))).isEqualTo("Gespräch-1");
    assertThat(
            catchThrowableOfType(RecordDecodingException.class, () -> Records.conversationId(null))
                .code())
        .isEqualTo(RecordDecodingException.MISSING_KEY);
    assertThat(
            catchThrowableOfType(
                    RecordDecodingException.class, () -> Records.conversationId(new byte[0]))
                .code())
        .isEqualTo(RecordDecodingException.MISSING_KEY);
    assertThat(
            catchThrowableOfType(
                    RecordDecodingException.class,
                    () -> Records.conversationId(new byte[] {(byte) 0xFF}))
                .code())
        .isEqualTo(RecordDecodingException.INVALID_KEY);
  }

  @Test
  void keyAndValueBelongToOneConversation() throws Exception {
    Records.requireSameConversation("c-1", "c-1");
    assertThatThrownBy(() -> Records.requireSameConversation("c-1", "c-2"))
        .hasMessage(
            "the record's key is \"c-1\" but its value belongs to conversation \"c-2\"; both must be"
                + " the same");
  }

  private static void assertUndecodable(byte[] value) {
    assertThat(failure(value).code()).isEqualTo(RecordDecodingException.UNDECODABLE);
  }

  private static RecordDecodingException failure(byte[] value) {
    RecordDecodingException failure =
        catchThrowableOfType(
            RecordDecodingException.class, () -> Records.decodeConversationEvent(value));
    assertThat(failure).isNotNull();
    return failure;
  }
}
