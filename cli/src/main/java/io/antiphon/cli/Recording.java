package io.antiphon.cli;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.WaveFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * A caller's recording, ready to be sent.
 *
 * @param samples 16 bits each
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record Recording(int sampleRate, short[] samples) {
  /** Rates that are sent as they are; the dataflow resamples them. */
  private static final Set<Integer> SPOKEN_RATES = Set.of(8_000, 16_000, 24_000, 48_000);

  private static final int OTHER_RATES_BECOME = 16_000;

  /**
   * @throws InputException if the file is missing, no WAV, or empty
   */
  static Recording read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + " does not exist; expected a WAV file");
    }
    WaveFile wave;
    try {
      wave = WaveFile.read(file);
    } catch (IOException e) {
      String message =
          e.getMessage().contains(file.toString()) ? e.getMessage() : file + ": " + e.getMessage();
      throw new InputException(message);
    }
    if (wave.samples().length == 0) {
      throw new InputException(file + " holds no sound; expected a recording of a caller");
    }
    int rate = SPOKEN_RATES.contains(wave.sampleRate()) ? wave.sampleRate() : OTHER_RATES_BECOME;
    return new Recording(
        rate, to16Bits(rate == wave.sampleRate() ? wave.samples() : wave.samplesAt(rate)));
  }

  AudioFormat format() {
    return AudioFormat.newBuilder().setEncoding("pcm16").setSampleRate(sampleRate).build();
  }

  /** The recording at another rate, for a conversation that has begun with one. */
  Recording at(int rate) {
    if (rate == sampleRate) {
      return this;
    }
    float[] floats = new float[samples.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = samples[i] / 32768f;
    }
    return new Recording(rate, to16Bits(new WaveFile(sampleRate, floats).samplesAt(rate)));
  }

  double seconds() {
    return (double) samples.length / sampleRate;
  }

  private static short[] to16Bits(float[] samples) {
    short[] result = new short[samples.length];
    for (int i = 0; i < result.length; i++) {
      result[i] =
          (short)
              Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, Math.round(samples[i] * 32768f)));
    }
    return result;
  }
}
