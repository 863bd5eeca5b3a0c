package io.antiphon.gateway.realtime;

import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.audio.AudioEncoder;
import io.antiphon.serde.audio.AudioPacket;
import io.antiphon.serde.audio.MalformedAudioException;
import io.antiphon.serde.audio.Resampler;
import io.antiphon.serde.audio.UnsupportedAudioFormatException;
import java.io.ByteArrayOutputStream;

/**
 * One direction of a session's audio, where the client's format is another than the conversation's:
 * formats may change in mid-session, a conversation's do not. For one strand.
 */
final class AudioConversion {
  private final AudioDecoder decoder;
  private final Resampler resampler =
      new Resampler(AudioDecoder.SAMPLE_RATE, AudioEncoder.SAMPLE_RATE);
  private final AudioEncoder encoder;

  AudioConversion(AudioType from, AudioType to) {
    try {
      decoder = AudioDecoder.of(from.format());
      encoder = AudioEncoder.of(to.format());
    } catch (UnsupportedAudioFormatException e) {
      throw new IllegalStateException("formats that are spoken", e);
    }
  }

  /**
   * @param bytes whole samples
   */
  byte[] convert(byte[] bytes) {
    try {
      return join(encoder.encode(resampler.process(decoder.decode(bytes))));
    } catch (MalformedAudioException e) {
      throw new IllegalArgumentException("no whole samples: " + bytes.length + " bytes", e);
    }
  }

  /** What was held back; the stream begins anew. */
  byte[] flush() {
    try {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(join(encoder.encode(resampler.process(decoder.flush()))));
      all.writeBytes(join(encoder.encode(resampler.flush())));
      all.writeBytes(join(encoder.flush()));
      return all.toByteArray();
    } catch (MalformedAudioException e) {
      throw new IllegalStateException("samples of a decoder", e);
    }
  }

  private static byte[] join(java.util.List<AudioPacket> packets) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    packets.forEach(packet -> all.writeBytes(packet.bytes()));
    return all.toByteArray();
  }
}
