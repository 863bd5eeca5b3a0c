package io.antiphon.serde;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.ReleasedSchemas;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of the records on the topics, to bytes and back. Values are Avro single-object
 * encoding, keys the conversation id in UTF-8. Everything here is thread safe and keeps no
 * reference to the arrays it is given.
 */
public final class Records {
  /** Bytes that a value may have where nothing else is configured: 1 MiB. */
  public static final int DEFAULT_MAXIMUM_BYTES = 1 << 20;

  private static final Map<Class<?>, RecordCodec<?>> CODECS = new ConcurrentHashMap<>();

  private Records() {}

  /**
   * Encodes a record.
   *
   * @throws IllegalArgumentException when a field that may not be null is null, or the record has
   *     more than {@link #DEFAULT_MAXIMUM_BYTES}; a {@link DeadLetter} may, since it holds a whole
   *     record that may itself have been too large
   */
  public static byte[] encode(SpecificRecord value) {
    return encode(value, value instanceof DeadLetter ? Integer.MAX_VALUE : DEFAULT_MAXIMUM_BYTES);
  }

  /**
   * Encodes a record of at most {@code maximumBytes}.
   *
   * @throws IllegalArgumentException when a field that may not be null is null, or the record has
   *     more than {@code maximumBytes}
   */
  public static byte[] encode(SpecificRecord value, int maximumBytes) {
    byte[] bytes = codec(value.getClass()).encode(value);
    requireSize(value, bytes.length, maximumBytes);
    return bytes;
  }

  static void requireSize(SpecificRecord value, int bytes, int maximumBytes) {
    if (bytes > maximumBytes) {
      throw new IllegalArgumentException(
          value.getSchema().getName() + ": " + tooLarge(bytes, maximumBytes));
    }
  }

  /** Decodes a value of {@code audio-chunks} of at most {@link #DEFAULT_MAXIMUM_BYTES}. */
  public static ConversationEvent decodeConversationEvent(byte[] value)
      throws RecordDecodingException {
    return decode(ConversationEvent.class, value, DEFAULT_MAXIMUM_BYTES);
  }

  /** Decodes a value of {@code speech-responses} of at most {@link #DEFAULT_MAXIMUM_BYTES}. */
  public static SpeechResponse decodeSpeechResponse(byte[] value) throws RecordDecodingException {
    return decode(SpeechResponse.class, value, DEFAULT_MAXIMUM_BYTES);
  }

  /** Decodes a value of {@code text-responses} of at most {@link #DEFAULT_MAXIMUM_BYTES}. */
  public static TextResponse decodeTextResponse(byte[] value) throws RecordDecodingException {
    return decode(TextResponse.class, value, DEFAULT_MAXIMUM_BYTES);
  }

  /** Decodes a value of {@code completed-turns} of at most {@link #DEFAULT_MAXIMUM_BYTES}. */
  public static CompletedTurn decodeCompletedTurn(byte[] value) throws RecordDecodingException {
    return decode(CompletedTurn.class, value, DEFAULT_MAXIMUM_BYTES);
  }

  /** Decodes a value of {@code dead-letters} of any size. */
  public static DeadLetter decodeDeadLetter(byte[] value) throws RecordDecodingException {
    return decode(DeadLetter.class, value, Integer.MAX_VALUE);
  }

  /**
   * Decodes a value written by any released version of the record, or a later one whose schema this
   * process was {@linkplain #addWriterSchema told}.
   *
   * @param value the Kafka record's value; null (a tombstone) is an error
   * @param maximumBytes larger values are refused before anything of them is read
   * @throws RecordDecodingException with code {@code missing-value}, {@code record-too-large},
   *     {@code unknown-version} or {@code undecodable}
   */
  public static <T extends SpecificRecord> T decode(
      Class<T> type, byte @Nullable [] value, int maximumBytes) throws RecordDecodingException {
    return decode(type, value, maximumBytes, WriterSchemas.NONE);
  }

  /**
   * As {@link #decode(Class, byte[], int)}, and asks for the schema when it is not known.
   *
   * @param writers asked once for each schema that is found
   */
  public static <T extends SpecificRecord> T decode(
      Class<T> type, byte @Nullable [] value, int maximumBytes, WriterSchemas writers)
      throws RecordDecodingException {
    byte[] usable = requireUsable(type, value, maximumBytes);
    RecordCodec<?> codec = codec(type);
    long written = codec.fingerprint(usable);
    if (!codec.knows(written)) {
      learn(codec, written, writers.find(written));
    }
    return type.cast(codec.decode(written, usable, RecordCodec.HEADER_BYTES));
  }

  /** Gives the value; refuses one that is missing or too large. */
  static byte[] requireUsable(Class<?> type, byte @Nullable [] value, int maximumBytes)
      throws RecordDecodingException {
    if (value == null) {
      throw new RecordDecodingException(
          RecordDecodingException.MISSING_VALUE,
          "the record has no value; expected a " + type.getSimpleName());
    }
    if (value.length > maximumBytes) {
      throw new RecordDecodingException(
          RecordDecodingException.RECORD_TOO_LARGE, tooLarge(value.length, maximumBytes));
    }
    return value;
  }

  private static void learn(RecordCodec<?> codec, long written, Optional<Schema> found)
      throws RecordDecodingException {
    if (found.isEmpty()) {
      return;
    }
    try {
      codec.add(found.get());
    } catch (IllegalArgumentException e) {
      throw new RecordDecodingException(
          RecordDecodingException.UNKNOWN_VERSION,
          String.format("the value was written with schema %016x: %s", written, e.getMessage()),
          e);
    }
  }

  /**
   * Learns the schema of a version that may be later than this one, so that what it wrote can be
   * read from now on in the whole process. Knowing it already changes nothing.
   *
   * @return the schema's CRC-64-AVRO fingerprint
   * @throws IllegalArgumentException when it is of no topic's record, or this release's record
   *     cannot be read from it
   */
  public static long addWriterSchema(Schema schema) {
    return codec(topicRecord(schema.getFullName())).add(schema);
  }

  /** Whether this process can read what was written with a schema of that fingerprint. */
  public static boolean reads(Class<? extends SpecificRecord> type, long fingerprint) {
    return codec(type).knows(fingerprint);
  }

  /**
   * The fingerprint of the schema that a value was written with.
   *
   * @throws RecordDecodingException with code {@code undecodable} when it is no single-object
   *     encoding
   */
  public static long fingerprint(Class<? extends SpecificRecord> type, byte[] value)
      throws RecordDecodingException {
    return codec(type).fingerprint(value);
  }

  /** The key that belongs to a conversation: its id in UTF-8. */
  public static byte[] key(String conversationId) {
    return conversationId.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The conversation id that a key holds.
   *
   * @throws RecordDecodingException with code {@code missing-key} (null or empty) or {@code
   *     invalid-key} (no UTF-8)
   */
  public static String conversationId(byte @Nullable [] key) throws RecordDecodingException {
    if (key == null || key.length == 0) {
      throw new RecordDecodingException(
          RecordDecodingException.MISSING_KEY,
          "the record has no key; expected the conversation id in UTF-8");
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(key))
          .toString();
    } catch (CharacterCodingException e) {
      throw new RecordDecodingException(
          RecordDecodingException.INVALID_KEY,
          "the record's key of " + key.length + " bytes is no UTF-8; expected the conversation id",
          e);
    }
  }

  /**
   * Checks that key and value speak of the same conversation.
   *
   * @throws RecordDecodingException with code {@code invalid-key} where they do not
   */
  public static void requireSameConversation(String key, String conversationId)
      throws RecordDecodingException {
    if (!key.equals(conversationId)) {
      throw new RecordDecodingException(
          RecordDecodingException.INVALID_KEY,
          "the record's key is \""
              + key
              + "\" but its value belongs to conversation \""
              + conversationId
              + "\"; both must be the same");
    }
  }

  private static String tooLarge(int bytes, int maximumBytes) {
    return "the record's value has " + bytes + " bytes; at most " + maximumBytes + " are allowed";
  }

  private static Class<?> topicRecord(String fullName) {
    return ReleasedSchemas.current().stream()
        .filter(schema -> schema.getFullName().equals(fullName))
        .findFirst()
        .<Class<?>>map(SpecificData.get()::getClass)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a schema of " + fullName + "; expected one of a topic's record"));
  }

  static RecordCodec<?> codec(Class<?> type) {
    return CODECS.computeIfAbsent(type, RecordCodec::new);
  }
}
