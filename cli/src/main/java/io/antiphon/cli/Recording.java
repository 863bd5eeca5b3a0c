package io.antiphon.cli;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.Resampler;
import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.recording.ChannelSelection;
import io.antiphon.serde.recording.MonoRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A caller's recording, ready to be sent.
 *
 * @param samples 16 bits each
 * @param notes what is wrong with it although it can be heard
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record Recording(int sampleRate, short[] samples, List<String> notes) {
  /** Stands for the standard input in place of a file. */
  static final Path STANDARD_INPUT = Path.of("-");

  /** Rates that are sent as they are; the dataflow resamples them. */
  private static final Set<Integer> SPOKEN_RATES = Set.of(8_000, 16_000, 24_000, 48_000);

  private static final int OTHER_RATES_BECOME = 16_000;

  /** A recording of one party. */
  static Recording read(Path file) {
    return read(file, null);
  }

  /**
   * @param file a file, a pipe, or {@link #STANDARD_INPUT}
   * @param channel the channel on which the caller speaks; null where there is but one party
   * @throws InputException if it is missing, no recording, empty, or of several parties
   */
  static Recording read(Path file, @Nullable ChannelSelection channel) {
    MonoRecording recording;
    try {
      recording =
          file.equals(STANDARD_INPUT)
              ? MonoRecording.read(System.in, "standard input", channel)
              : MonoRecording.read(file, channel);
    } catch (IOException e) {
      throw new InputException(named(file, e.getMessage()), e);
    }
    if (recording.samples().length == 0) {
      throw new InputException(named(file, "holds no sound; expected a recording of a caller"));
    }
    int rate =
        SPOKEN_RATES.contains(recording.sampleRate()) ? recording.sampleRate() : OTHER_RATES_BECOME;
    return new Recording(rate, SampleCoding.to16Bits(recording.samplesAt(rate)), recording.notes());
  }

  AudioFormat format() {
    return AudioFormat.newBuilder().setEncoding("pcm16").setSampleRate(sampleRate).build();
  }

  /** The recording at another rate, for a conversation that has begun with one. */
  Recording at(int rate) {
    if (rate == sampleRate) {
      return this;
    }
    float[] resampled = Resampler.resample(SampleCoding.toFloats(samples), sampleRate, rate);
    return new Recording(rate, SampleCoding.to16Bits(resampled), notes);
  }

  double seconds() {
    return (double) samples.length / sampleRate;
  }

  private static String named(Path file, @Nullable String problem) {
    String name = file.equals(STANDARD_INPUT) ? "standard input" : file.toString();
    return problem != null && problem.contains(name) ? problem : name + " " + problem;
  }
}
