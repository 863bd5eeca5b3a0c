package io.antiphon.local;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.Sampling;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Bad input of every kind, reproducible from a seed. Every record has a conversation of its own.
 */
final class HostileRecords {
  private static final int HUGE = 10 << 20;
  private static final int LARGE = 600 << 10;
  private static final int RARE = 4;

  private final Random random;

  /** When every record was made: a record that comes twice is the same, to the millisecond. */
  private final long time = System.currentTimeMillis();

  private int count;

  private HostileRecords(long seed) {
    this.random = new Random(seed);
  }

  /** So many records, a few of ten mebibytes, the others of all kinds in equal parts. */
  static List<HostileRecord> make(int total, long seed) {
    HostileRecords maker = new HostileRecords(seed);
    List<HostileRecord> records = new ArrayList<>();
    for (int i = 0; i < RARE; i++) {
      records.add(maker.large("ten mebibytes", HUGE));
      records.add(maker.large("larger than allowed", LARGE));
    }
    List<Function<HostileRecords, HostileRecord>> kinds = kinds();
    while (records.size() < total) {
      records.add(kinds.get(records.size() % kinds.size()).apply(maker));
    }
    return records;
  }

  private static List<Function<HostileRecords, HostileRecord>> kinds() {
    return List.of(
        m -> HostileRecord.bytes("noise", m.key(), m.noise(), RecordDecodingException.UNDECODABLE),
        m ->
            HostileRecord.bytes(
                "cut off", m.key(), m.cutOff(), RecordDecodingException.UNDECODABLE),
        m ->
            HostileRecord.bytes(
                "unknown version",
                m.key(),
                m.unknownVersion(),
                RecordDecodingException.UNKNOWN_VERSION),
        m -> HostileRecord.bytes("no value", m.key(), null, RecordDecodingException.MISSING_VALUE),
        m -> HostileRecord.bytes("no key", null, m.value(), RecordDecodingException.MISSING_KEY),
        m ->
            HostileRecord.bytes(
                "empty key", new byte[0], m.value(), RecordDecodingException.MISSING_KEY),
        m ->
            HostileRecord.bytes(
                "key not UTF-8",
                new byte[] {(byte) 0xff, 1},
                m.value(),
                RecordDecodingException.INVALID_KEY),
        m ->
            HostileRecord.bytes(
                "another key", m.key(), m.value(), RecordDecodingException.INVALID_KEY),
        m ->
            HostileRecord.refused(
                "audio before start",
                List.of(),
                m.event(m.id(), 0, silence(20)),
                FailureCodes.NOT_STARTED,
                false),
        m ->
            HostileRecord.refused(
                "text before start",
                List.of(),
                m.event(m.id(), 0, new TextMessage("hello")),
                FailureCodes.NOT_STARTED,
                false),
        m ->
            m.refusedStart(
                "unknown encoding", start("mp3", 16_000), FailureCodes.UNSUPPORTED_AUDIO_FORMAT),
        m ->
            m.refusedStart(
                "unknown rate", start("pcm16", 11_025), FailureCodes.UNSUPPORTED_AUDIO_FORMAT),
        m ->
            m.refusedStart(
                "temperature not a number",
                startWithTemperature(Double.NaN),
                FailureCodes.INVALID_SETTINGS),
        HostileRecords::brokenOpus,
        m ->
            m.refused(
                "duplicate", 0, NanoService.start(Mode.SPEECH_TO_SPEECH), FailureCodes.DUPLICATE),
        HostileRecords::restarted,
        m ->
            m.refused(
                "second start",
                1,
                NanoService.start(Mode.SPEECH_TO_SPEECH),
                FailureCodes.ALREADY_STARTED),
        m -> m.refused("negative sequence", -7, new TurnEnded(), FailureCodes.INVALID_SEQUENCE),
        m -> m.refused("far ahead", 1_000_000_000L, new TurnEnded(), FailureCodes.SEQUENCE_JUMP),
        HostileRecords::afterTheEnd,
        m -> m.explained("empty turn", 1, new TurnEnded(), FailureCodes.EMPTY_TURN),
        m -> m.explained("blank text", 1, new TextMessage("  "), FailureCodes.EMPTY_TURN),
        m -> m.explained("gap", 5, silence(20), FailureCodes.SEQUENCE_GAP),
        m ->
            m.explained(
                "unknown tool call",
                1,
                new ToolResult("call-9-9", "done"),
                FailureCodes.UNKNOWN_TOOL_CALL),
        m ->
            m.explained(
                "endless text",
                1,
                new TextMessage("all work and no play ".repeat(500)),
                FailureCodes.CONTEXT_LIMIT),
        HostileRecords::silentTurn,
        HostileRecords::reordered);
  }

  private HostileRecord large(String kind, int bytes) {
    ConversationEvent event = event(id(), 0, new AudioChunk(ByteBuffer.allocate(bytes), 0, -1L));
    return HostileRecord.refused(
        kind, List.of(), event, RecordDecodingException.RECORD_TOO_LARGE, false);
  }

  private HostileRecord refusedStart(String kind, ConversationStarted start, String code) {
    return HostileRecord.refused(kind, List.of(), event(id(), 0, start), code, false);
  }

  private HostileRecord refused(String kind, long sequence, Object body, String code) {
    String id = id();
    return HostileRecord.refused(kind, List.of(started(id)), event(id, sequence, body), code, true);
  }

  private HostileRecord explained(String kind, long sequence, Object body, String code) {
    String id = id();
    return HostileRecord.explained(
        kind, List.of(started(id)), event(id, sequence, body), List.of(), code);
  }

  private HostileRecord brokenOpus() {
    String id = id();
    ConversationEvent packet =
        event(id, 1, new AudioChunk(ByteBuffer.wrap(new byte[] {(byte) 0xff, 63, 1, 2}), 0, -1L));
    return HostileRecord.refused(
        "broken Opus packet",
        List.of(event(id, 0, start("opus", 48_000))),
        packet,
        FailureCodes.MALFORMED_AUDIO,
        true);
  }

  private HostileRecord restarted() {
    String id = id();
    ConversationEvent start = started(id);
    ConversationEvent again = ConversationEvent.newBuilder(start).setTime(time + 1).build();
    return HostileRecord.refused(
        "began anew", List.of(start), again, FailureCodes.CONVERSATION_RESTARTED, false);
  }

  private HostileRecord afterTheEnd() {
    String id = id();
    List<ConversationEvent> before = List.of(started(id), event(id, 1, new ConversationEnded()));
    return HostileRecord.refused(
        "after the end", before, event(id, 2, silence(20)), FailureCodes.CONVERSATION_ENDED, false);
  }

  private HostileRecord silentTurn() {
    String id = id();
    return HostileRecord.explained(
        "silence",
        List.of(started(id)),
        event(id, 1, silence(500)),
        List.of(event(id, 2, new TurnEnded())),
        FailureCodes.SILENT_TURN);
  }

  /**
   * The turn's end comes before its audio: in the right order it is a silent turn, not an empty
   * one.
   */
  private HostileRecord reordered() {
    String id = id();
    return HostileRecord.explained(
        "reordered",
        List.of(started(id)),
        event(id, 2, new TurnEnded()),
        List.of(event(id, 1, silence(500))),
        FailureCodes.SILENT_TURN);
  }

  private byte[] noise() {
    byte[] noise = new byte[1 + random.nextInt(300)];
    random.nextBytes(noise);
    noise[0] = 0x42;
    return noise;
  }

  private byte[] cutOff() {
    byte[] whole = value();
    return Arrays.copyOf(whole, 10 + random.nextInt(whole.length - 10));
  }

  private byte[] unknownVersion() {
    byte[] value = value();
    for (int i = 2; i < 10; i++) {
      value[i] ^= 0x55;
    }
    return value;
  }

  private byte[] key() {
    return Records.key(id());
  }

  private byte[] value() {
    return Records.encode(started(id()));
  }

  private String id() {
    return "hostile-" + count++;
  }

  private ConversationEvent started(String id) {
    return event(id, 0, NanoService.start(Mode.SPEECH_TO_SPEECH));
  }

  private ConversationEvent event(String id, long sequence, Object body) {
    return new ConversationEvent(id, sequence, time, 0, body);
  }

  private static AudioChunk silence(int millis) {
    return new AudioChunk(ByteBuffer.allocate(2 * 16 * millis), 0, -1L);
  }

  private static ConversationStarted start(String encoding, int rate) {
    return ConversationStarted.newBuilder(NanoService.start(Mode.SPEECH_TO_SPEECH))
        .setInputFormat(new AudioFormat(encoding, rate, 1))
        .build();
  }

  private static ConversationStarted startWithTemperature(double temperature) {
    return ConversationStarted.newBuilder(NanoService.start(Mode.SPEECH_TO_SPEECH))
        .setSampling(Sampling.newBuilder().setTextTemperature(temperature).build())
        .build();
  }
}
