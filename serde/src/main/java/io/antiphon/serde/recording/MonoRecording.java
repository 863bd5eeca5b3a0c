package io.antiphon.serde.recording;

import io.antiphon.serde.audio.Resampler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One party's recording, whole in memory.
 *
 * @param sampleRate hertz
 * @param samples nominally in [-1, 1]
 * @param notes what is wrong with the recording although it can be heard
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record MonoRecording(int sampleRate, float[] samples, List<String> notes) {
  private static final int FRAMES_AT_ONCE = 4_096;

  /** Samples of all channels, 1 GiB: three hours at 24 kHz. */
  private static final int LONGEST = 1 << 28;

  public MonoRecording {
    notes = List.copyOf(notes);
  }

  /**
   * Reads a recording of one party: of one channel, or of several that hold the same sound or
   * nothing beside one.
   *
   * @throws DifferentChannelsException when its channels hold different sound
   * @throws RecordingException when it cannot be read
   */
  public static MonoRecording read(Path file) throws IOException {
    return read(file, null);
  }

  /**
   * Reads one party of a recording.
   *
   * @param selection which channels are heard; null where the recording is to be of one party
   */
  public static MonoRecording read(Path file, @Nullable ChannelSelection selection)
      throws IOException {
    try (RecordingReader reader = RecordingReader.open(file)) {
      return read(reader, file.toString(), selection);
    }
  }

  /** As {@link #read(Path, ChannelSelection)}, from a stream, which is closed. */
  public static MonoRecording read(
      InputStream stream, String name, @Nullable ChannelSelection selection) throws IOException {
    try (RecordingReader reader = RecordingReader.open(stream, name)) {
      return read(reader, name, selection);
    }
  }

  /** The samples at another rate. */
  public float[] samplesAt(int rate) {
    return rate == sampleRate ? samples : Resampler.resample(samples, sampleRate, rate);
  }

  /** Seconds that the recording lasts. */
  public double seconds() {
    return (double) samples.length / sampleRate;
  }

  static MonoRecording read(
      RecordingReader reader, String name, @Nullable ChannelSelection selection)
      throws IOException {
    int channels = reader.format().channels();
    if (channels == 1 && selection != null && selection != ChannelSelection.MIX) {
      throw new RecordingException(
          name + " has one channel; expected at least two to hear the " + selection + " one");
    }
    // Without a selection all channels are kept until it is known what they are.
    int kept = selection == null ? channels : 1;
    ChannelComparison comparison = new ChannelComparison(reader.format());
    float[] samples = new float[kept * reader.format().sampleRate()];
    int length = 0;
    float[] piece = new float[channels * FRAMES_AT_ONCE];
    for (int frames = reader.read(piece); frames >= 0; frames = reader.read(piece)) {
      if (length + (long) kept * frames > LONGEST) {
        throw new RecordingException(
            name + " is longer than " + LONGEST + " samples, too long to be heard as one turn");
      }
      int end = length + kept * frames;
      if (end > samples.length) {
        samples =
            Arrays.copyOf(samples, Math.max(end, (int) Math.min(2L * samples.length, LONGEST)));
      }
      if (selection == null) {
        comparison.add(piece, frames);
        System.arraycopy(piece, 0, samples, length, kept * frames);
      } else {
        selection.select(piece, frames, channels, samples, length);
      }
      length = end;
    }
    List<String> notes = new ArrayList<>(reader.notes());
    if (kept > 1) {
      samples = onlyParty(samples, length, name, comparison, channels, notes);
      length = samples.length;
    }
    return new MonoRecording(reader.format().sampleRate(), Arrays.copyOf(samples, length), notes);
  }

  private static float[] onlyParty(
      float[] samples,
      int length,
      String name,
      ChannelComparison comparison,
      int channels,
      List<String> notes)
      throws DifferentChannelsException {
    List<Integer> audible = comparison.audible();
    int heard = audible.isEmpty() ? 0 : audible.get(0);
    if (audible.size() > 1) {
      if (!comparison.identical()) {
        throw new DifferentChannelsException(name, channels);
      }
      notes.add("its " + channels + " channels hold the same sound; one is heard");
    } else if (audible.size() == 1) {
      notes.add("only channel " + (heard + 1) + " of " + channels + " has sound; it is heard");
    }
    float[] party = new float[length / channels];
    for (int i = 0; i < party.length; i++) {
      party[i] = samples[i * channels + heard];
    }
    return party;
  }
}
