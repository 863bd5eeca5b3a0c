package io.antiphon.gateway.phone;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.Resampler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Brings answers to the sample rate of a call. The dataflow makes G.711 at 8 kHz and PCM16 at 24
 * kHz; what a call wants in between is resampled here, each answer for itself. Not thread safe.
 */
final class AnswerAudio {
  private static final int DATAFLOW_RATE = 24_000;

  private final PhoneAudio audio;
  private int turn = -1;
  private Resampler resampler;

  AnswerAudio(PhoneAudio audio) {
    this.audio = audio;
    resampler = new Resampler(DATAFLOW_RATE, audio.sampleRate());
  }

  /** The dataflow's name of a call's coding. */
  static AudioFormat format(PhoneAudio audio) {
    String encoding =
        switch (audio.coding()) {
          case MU_LAW -> "mulaw";
          case A_LAW -> "alaw";
          case PCM16 -> "pcm16";
        };
    return new AudioFormat(encoding, audio.sampleRate(), 1);
  }

  /** What the dataflow is asked for. */
  AudioFormat format() {
    return format(converts() ? new PhoneAudio(PhoneAudio.Coding.PCM16, DATAFLOW_RATE) : audio);
  }

  /** An answer's next bytes in the coding of the call. */
  byte[] convert(int ofTurn, byte[] bytes, boolean last) {
    if (!converts()) {
      return bytes;
    }
    if (turn != ofTurn) {
      resampler = new Resampler(DATAFLOW_RATE, audio.sampleRate());
      turn = ofTurn;
    }
    ByteBuffer samples = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] input = new float[bytes.length / 2];
    for (int i = 0; i < input.length; i++) {
      input[i] = samples.getShort() / 32768f;
    }
    float[] head = resampler.process(input);
    float[] tail = last ? resampler.flush() : new float[0];
    ByteBuffer output =
        ByteBuffer.allocate(2 * (head.length + tail.length)).order(ByteOrder.LITTLE_ENDIAN);
    put(output, head);
    put(output, tail);
    return output.array();
  }

  private boolean converts() {
    return audio.coding() == PhoneAudio.Coding.PCM16 && audio.sampleRate() != DATAFLOW_RATE;
  }

  private static void put(ByteBuffer output, float[] samples) {
    for (float sample : samples) {
      output.putShort((short) Math.max(-32768, Math.min(32767, Math.round(sample * 32768f))));
    }
  }
}
