package io.antiphon.gateway.phone;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asterisk's AudioSocket: a TCP stream of messages of one byte type, two bytes length (big endian)
 * and payload. The first message names the call, the first audio its rate. There are neither marks
 * nor a way to stop what was sent: what goes out is heard at once.
 */
public final class AudioSocketProtocol implements MediaProtocol {
  static final int HANG_UP = 0x00;
  static final int CALL = 0x01;
  static final int KEY = 0x03;
  static final int AUDIO_8K = 0x10;
  static final int AUDIO_16K = 0x12;
  static final int AUDIO_24K = 0x13;
  static final int AUDIO_48K = 0x16;
  static final int ERROR = 0xFF;

  private static final int HEADER = 3;

  /** Bytes of the largest payload: 200 ms at 8 kHz, a packet at any rate. */
  private static final int MAXIMUM_PAYLOAD = 3_840;

  private static final Map<Integer, Integer> RATES =
      Map.of(AUDIO_8K, 8_000, AUDIO_16K, 16_000, AUDIO_24K, 24_000, AUDIO_48K, 48_000);

  private byte[] partial = new byte[0];
  private @Nullable String callId;
  private @Nullable PhoneAudio audio;
  private int audioType;
  private boolean ended;

  @Override
  public List<PhoneEvent> text(String message) throws MediaProtocolException {
    throw new MediaProtocolException(
        MediaProtocolException.UNSUPPORTED, "a text message; AudioSocket has none");
  }

  /** Takes the next bytes of the stream, cut anywhere. */
  @Override
  public List<PhoneEvent> binary(byte[] bytes) throws MediaProtocolException {
    byte[] all = Arrays.copyOf(partial, partial.length + bytes.length);
    System.arraycopy(bytes, 0, all, partial.length, bytes.length);
    ByteBuffer stream = ByteBuffer.wrap(all);
    List<PhoneEvent> events = new ArrayList<>();
    while (stream.remaining() >= HEADER && !ended) {
      stream.mark();
      int type = Byte.toUnsignedInt(stream.get());
      int length = Short.toUnsignedInt(stream.getShort());
      if (length > MAXIMUM_PAYLOAD) {
        throw new MediaProtocolException(
            MediaProtocolException.TOO_LARGE,
            "a payload of " + length + " bytes; expected at most " + MAXIMUM_PAYLOAD);
      }
      if (stream.remaining() < length) {
        stream.reset();
        break;
      }
      byte[] payload = new byte[length];
      stream.get(payload);
      accept(type, payload, events);
    }
    partial = ended ? new byte[0] : Arrays.copyOfRange(all, stream.position(), all.length);
    return events;
  }

  @Override
  public List<WireMessage> audio(byte[] frame) {
    return List.of(message(audioType, frame));
  }

  @Override
  public List<WireMessage> clear() {
    return List.of();
  }

  @Override
  public List<WireMessage> mark(String name) {
    return List.of();
  }

  @Override
  public List<WireMessage> hangUp() {
    return List.of(
        message(HANG_UP, new byte[0]), new WireMessage.Close(1000, "the conversation is over"));
  }

  @Override
  public boolean marks() {
    return false;
  }

  @Override
  public boolean comesBack() {
    return false;
  }

  @Override
  public int leadMillis() {
    // Asterisk sends on what it gets as it gets it, and nothing can be taken back.
    return 20;
  }

  static WireMessage.Binary message(int type, byte[] payload) {
    ByteBuffer message = ByteBuffer.allocate(HEADER + payload.length);
    message.put((byte) type).putShort((short) payload.length).put(payload);
    return new WireMessage.Binary(message.array());
  }

  private void accept(int type, byte[] payload, List<PhoneEvent> events)
      throws MediaProtocolException {
    if (callId == null && type != CALL) {
      throw MediaJson.notDue("type 0x" + Integer.toHexString(type) + " first", "0x1, the call");
    }
    switch (type) {
      case CALL -> call(payload);
      case KEY -> {
        if (payload.length != 1) {
          throw MediaJson.bad("a key of " + payload.length + " bytes; expected one");
        }
        // A key may come before the first audio, which tells the rate.
        begin(AUDIO_8K, events);
        events.add(MediaJson.key(String.valueOf((char) (payload[0] & 0x7F))));
      }
      case AUDIO_8K, AUDIO_16K, AUDIO_24K, AUDIO_48K -> {
        begin(type, events);
        if (type != audioType) {
          throw MediaJson.notDue("audio of another rate than before", "the same rate");
        }
        if (payload.length % 2 != 0) {
          throw MediaJson.bad(payload.length + " bytes of audio; expected a multiple of 2");
        }
        if (payload.length > 0) {
          events.add(new PhoneEvent.Audio(payload));
        }
      }
      case HANG_UP -> {
        ended = true;
        events.add(new PhoneEvent.Ended("the caller's side hung up"));
      }
      case ERROR -> {
        ended = true;
        events.add(new PhoneEvent.Ended("Asterisk reports an error"));
      }
      default -> throw MediaJson.bad("type 0x" + Integer.toHexString(type) + " is unknown");
    }
  }

  private void call(byte[] payload) throws MediaProtocolException {
    if (callId != null) {
      throw MediaJson.notDue("a second call", "audio");
    }
    if (payload.length != 16) {
      throw MediaJson.bad("a call of " + payload.length + " bytes; expected the 16 of a UUID");
    }
    ByteBuffer bytes = ByteBuffer.wrap(payload);
    callId = new UUID(bytes.getLong(), bytes.getLong()).toString();
  }

  private void begin(int type, List<PhoneEvent> events) throws MediaProtocolException {
    if (audio == null && callId != null) {
      audioType = type;
      audio = new PhoneAudio(PhoneAudio.Coding.PCM16, RATES.getOrDefault(type, 8_000));
      events.add(MediaJson.started(callId, callId, audio, Map.of()));
    }
  }
}
