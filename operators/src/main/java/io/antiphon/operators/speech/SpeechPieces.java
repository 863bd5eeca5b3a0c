package io.antiphon.operators.speech;

import io.antiphon.operators.message.Clock;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.serde.audio.AudioEncoder;
import io.antiphon.serde.audio.AudioPacket;
import io.antiphon.serde.audio.MalformedAudioException;
import io.antiphon.serde.audio.UnsupportedAudioFormatException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One answer's audio, from samples to numbered records in the caller's format. Owns the encoder,
 * the sequence number and the position in the audio.
 */
final class SpeechPieces {
  private final String conversation;
  private final int turn;
  private final AudioFormat format;
  private final String voice;
  private final AudioEncoder encoder;
  private final Consumer<SpeechResponse> out;
  private long sequence;
  private long samples;
  private boolean finished;
  private double firstAudioAt = -1;

  SpeechPieces(
      String conversation,
      int turn,
      AudioFormat format,
      String voice,
      Consumer<SpeechResponse> out) {
    this(conversation, turn, format, voice, encoder(format, null), out);
  }

  private SpeechPieces(
      String conversation,
      int turn,
      AudioFormat format,
      String voice,
      AudioEncoder encoder,
      Consumer<SpeechResponse> out) {
    this.conversation = conversation;
    this.turn = turn;
    this.format = format;
    this.voice = voice;
    this.encoder = encoder;
    this.out = out;
  }

  static SpeechPieces restore(String conversation, OutputState log, Consumer<SpeechResponse> out) {
    AudioFormat format = Objects.requireNonNull(log.format());
    SpeechPieces pieces =
        new SpeechPieces(
            conversation,
            log.turn(),
            format,
            Objects.requireNonNull(log.voice()),
            encoder(format, log.encoder()),
            out);
    pieces.sequence = log.sequence();
    pieces.samples = log.samples();
    pieces.finished = log.finished();
    pieces.firstAudioAt = log.firstAudioAt();
    return pieces;
  }

  private static AudioEncoder encoder(AudioFormat format, byte @Nullable [] state) {
    try {
      return state == null ? AudioEncoder.of(format) : AudioEncoder.restore(format, state);
    } catch (UnsupportedAudioFormatException e) {
      throw new IllegalStateException("a format that was checked", e);
    }
  }

  int turn() {
    return turn;
  }

  AudioFormat format() {
    return format;
  }

  /** Who speaks it, one of the bundle's; empty for its first or only one. */
  String voice() {
    return voice;
  }

  byte[] encoderState() {
    return encoder.state();
  }

  long sequence() {
    return sequence;
  }

  long samples() {
    return samples;
  }

  boolean finished() {
    return finished;
  }

  /** Milliseconds since the epoch at which the first piece left, -1 before. */
  double firstAudioAt() {
    return firstAudioAt;
  }

  long millis() {
    return samples * 1000 / encoder.sampleRate();
  }

  /**
   * @param pcm samples at 24 kHz; what is no number becomes silence
   * @return how many samples were no number
   */
  int append(float[] pcm) {
    int broken = 0;
    for (int i = 0; i < pcm.length; i++) {
      if (!Float.isFinite(pcm[i])) {
        pcm[i] = 0;
        broken++;
      }
    }
    try {
      encoder.encode(pcm).forEach(packet -> send(packet, false));
    } catch (MalformedAudioException e) {
      throw new IllegalStateException("samples that were checked", e);
    }
    return broken;
  }

  /** Sends the last piece, unless the answer had no audio at all. */
  void finish() {
    if (finished) {
      return;
    }
    finished = true;
    List<AudioPacket> rest = encoder.flush();
    for (int i = 0; i < rest.size(); i++) {
      send(rest.get(i), i == rest.size() - 1);
    }
    if (rest.isEmpty() && sequence > 0) {
      send(new AudioPacket(new byte[0], 0), true);
    }
  }

  private void send(AudioPacket packet, boolean last) {
    if (firstAudioAt < 0) {
      firstAudioAt = Clock.nowMillis();
    }
    out.accept(
        new SpeechResponse(
            conversation,
            turn,
            sequence++,
            millis(),
            format,
            ByteBuffer.wrap(packet.bytes()),
            last));
    samples += packet.samples();
  }
}
