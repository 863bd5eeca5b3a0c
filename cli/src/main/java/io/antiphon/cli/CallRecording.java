package io.antiphon.cli;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.calls.AnalysisSettings;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.operators.calls.CallListening;
import io.antiphon.operators.calls.ModelTranscriber;
import io.antiphon.operators.calls.Summarizer;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.serde.audio.Resampler;
import io.antiphon.serde.recording.RecordingException;
import io.antiphon.serde.recording.RecordingReader;
import io.antiphon.serde.recording.WaveWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A call's recording, read from front to back and never whole in memory.
 *
 * @param name of the call
 * @param file of one or two channels
 */
record CallRecording(String name, Path file) {
  private static final int FRAMES_AT_ONCE = 4_096;

  /**
   * What was found.
   *
   * @param seconds length of the recording
   * @param notes what is wrong with the recording although it can be heard
   */
  record Analysed(CallSummary summary, double seconds, List<String> notes) {}

  /**
   * Listens to the whole recording.
   *
   * @param summarizer what writes the summary's text; null: the template does
   * @throws RecordingException when it cannot be read, or not to its end
   */
  Analysed analyse(
      ModelHost host, ChannelRoles roles, RuleSet rules, @Nullable Summarizer summarizer)
      throws IOException {
    try (RecordingReader reader = RecordingReader.open(file)) {
      int channels = channels(reader);
      int rate = reader.format().sampleRate();
      CallListening listener =
          new CallListening(
              new CallStart(name, -1, roles.participants(channels), new TreeMap<>()),
              AnalysisSettings.DEFAULT,
              rules,
              host.speechDetector(),
              new ModelTranscriber(host),
              summarizer);
      List<Resampler> resamplers = new ArrayList<>();
      for (int channel = 0; channel < channels; channel++) {
        resamplers.add(new Resampler(rate, SpeechDetector.SAMPLE_RATE));
      }
      float[] piece = new float[channels * FRAMES_AT_ONCE];
      long length = 0;
      for (int frames = reader.read(piece); frames >= 0; frames = reader.read(piece)) {
        length += frames;
        for (int channel = 0; channel < channels; channel++) {
          float[] samples = channel(piece, frames, channel, channels);
          listener.audio(
              channel,
              rate == SpeechDetector.SAMPLE_RATE
                  ? samples
                  : resamplers.get(channel).process(samples));
        }
      }
      if (length == 0) {
        throw new RecordingException(file + " holds no sound; expected the recording of a call");
      }
      for (int channel = 0; channel < channels && rate != SpeechDetector.SAMPLE_RATE; channel++) {
        listener.audio(channel, resamplers.get(channel).flush());
      }
      CallSummary summary = listener.end("ENDED", host.bundle().manifest().name());
      return new Analysed(summary, (double) length / rate, reader.notes());
    }
  }

  /** Writes the recording with silence where personal data was said. */
  void writeRedacted(CallSummary summary, Path to) throws IOException {
    try (RecordingReader reader = RecordingReader.open(file)) {
      int channels = channels(reader);
      int rate = reader.format().sampleRate();
      try (WaveWriter writer = WaveWriter.create(to, rate, channels)) {
        float[] piece = new float[channels * FRAMES_AT_ONCE];
        long at = 0;
        for (int frames = reader.read(piece); frames >= 0; frames = reader.read(piece)) {
          for (TranscriptSegment segment : summary.transcript()) {
            for (Interval silent : segment.silenced()) {
              silence(piece, at, frames, channels, segment.channel(), silent, rate);
            }
          }
          writer.write(Arrays.copyOf(piece, frames * channels));
          at += frames;
        }
      }
    }
  }

  private static void silence(
      float[] piece, long at, int frames, int channels, int channel, Interval silent, int rate) {
    long from = Math.max(0, silent.beginMillis() * rate / 1000 - at);
    long to = Math.min(frames, (silent.endMillis() * rate + 999) / 1000 - at);
    for (long frame = from; frame < to; frame++) {
      piece[(int) frame * channels + channel] = 0;
    }
  }

  private int channels(RecordingReader reader) throws RecordingException {
    int channels = reader.format().channels();
    if (channels > 2) {
      throw new RecordingException(
          file + " has " + channels + " channels; expected one for each of two parties, or one");
    }
    return channels;
  }

  private static float[] channel(float[] piece, int frames, int channel, int channels) {
    float[] samples = new float[frames];
    for (int frame = 0; frame < frames; frame++) {
      samples[frame] = piece[frame * channels + channel];
    }
    return samples;
  }
}
