package io.antiphon.operators;

import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Interrupted;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.PlaybackAcknowledged;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnDetection;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.serde.Records;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

/** A producer of one conversation's records. All scripts write to one partition. */
final class Script {
  /** Behind those in the stored snapshots, whichever tests run. */
  private static final AtomicLong OFFSETS =
      new AtomicLong(System.getProperty("antiphon.write-serializers") == null ? 1_000_000 : 0);

  private final String conversation;
  private int epoch;
  private long sequence;

  Script(String conversation) {
    this.conversation = conversation;
  }

  static ConversationStarted.Builder settings(Mode mode) {
    return ConversationStarted.newBuilder().setMode(mode);
  }

  static ConversationStarted.Builder silence(int millis) {
    return settings(Mode.SPEECH_TO_TEXT)
        .setTurnDetection(
            TurnDetection.newBuilder().setType("silence").setSilenceMillis(millis).build());
  }

  static ConversationStarted.Builder speech(Mode mode, boolean interrupts) {
    return settings(mode)
        .setTurnDetection(
            TurnDetection.newBuilder()
                .setType("speech")
                .setSilenceMillis(320)
                .setPrefixMillis(200)
                .setInterruptsAnswer(interrupts)
                .build());
  }

  InboundRecord started(Mode mode) {
    return event(settings(mode).build());
  }

  InboundRecord text(String text) {
    return event(new TextMessage(text));
  }

  InboundRecord ended() {
    return event(new TurnEnded());
  }

  InboundRecord interrupted() {
    return event(Interrupted.newBuilder().build());
  }

  InboundRecord interrupted(int turn) {
    return event(new Interrupted(turn));
  }

  InboundRecord played(int turn, long millis) {
    return event(new PlaybackAcknowledged(turn, millis));
  }

  InboundRecord result(String callId, String result) {
    return event(new ToolResult(callId, result));
  }

  InboundRecord closed() {
    return event(new ConversationEnded());
  }

  /** 16 kHz PCM16 of a tone. */
  InboundRecord audio(int millis) {
    return audio(millis, 0.3);
  }

  InboundRecord audio(int millis, double amplitude) {
    int samples = millis * 16;
    ByteBuffer bytes = ByteBuffer.allocate(samples * 2).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < samples; i++) {
      bytes.putShort((short) (32767 * amplitude * Math.sin(i * 0.1)));
    }
    return event(new AudioChunk(bytes.flip(), 0, -1L));
  }

  InboundRecord bytes(byte... bytes) {
    return event(new AudioChunk(ByteBuffer.wrap(bytes), 0, -1L));
  }

  InboundRecord event(Object body) {
    return at(sequence++, body);
  }

  /** The next record is missing. */
  void skip(int records) {
    sequence += records;
  }

  /** Another producer of the same conversation. */
  Script takeOver(int higher) {
    Script successor = new Script(conversation);
    successor.epoch = higher;
    return successor;
  }

  InboundRecord at(long number, Object body) {
    return raw(
        Records.key(conversation),
        Records.encode(new ConversationEvent(conversation, number, 0L, epoch, body)));
  }

  /** The same from another producer, a second later. */
  InboundRecord later(long number, Object body) {
    return raw(
        Records.key(conversation),
        Records.encode(new ConversationEvent(conversation, number, 1000L, 0, body)));
  }

  static InboundRecord raw(byte[] key, byte[] value) {
    return new InboundRecord("audio-chunks", 0, OFFSETS.getAndIncrement(), 0, key, value);
  }

  static AudioFormat format(String encoding, int rate) {
    return new AudioFormat(encoding, rate, 1);
  }
}
