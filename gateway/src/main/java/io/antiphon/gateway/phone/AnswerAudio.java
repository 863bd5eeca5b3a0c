package io.antiphon.gateway.phone;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.Resampler;
import io.antiphon.serde.audio.SampleCoding;
import java.util.Arrays;

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
    float[] input = SampleCoding.PCM16.decode(bytes, 0, bytes.length - bytes.length % 2);
    float[] head = resampler.process(input);
    float[] tail = last ? resampler.flush() : new float[0];
    float[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return SampleCoding.PCM16.encode(all);
  }

  private boolean converts() {
    return audio.coding() == PhoneAudio.Coding.PCM16 && audio.sampleRate() != DATAFLOW_RATE;
  }
}
