package io.antiphon.serde.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.serde.audio.Signals;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MonoRecordingTest {
  private static final int RATE = 16_000;
  private static final float[] VOICE = Signals.voice(RATE, 1.5);
  private static final float[] OTHER = Signals.sine(440, RATE, 1.5, 0.3);
  private static final float[] SILENCE = new float[VOICE.length];

  private Path file;

  @BeforeEach
  void name(@TempDir Path folder) {
    file = folder.resolve("call.wav");
  }

  private void write(float[]... channels) throws IOException {
    try (WaveWriter writer = WaveWriter.create(file, RATE, channels.length)) {
      float[] interleaved = new float[channels.length * VOICE.length];
      for (int i = 0; i < interleaved.length; i++) {
        interleaved[i] = channels[i % channels.length][i / channels.length];
      }
      writer.write(interleaved);
    }
  }

  private static void assertHeard(MonoRecording recording, float[] expected) {
    assertThat(recording.samples()).containsExactly(expected, within(0.51f / 32_768));
  }

  private static float[] mean(float[] first, float[] second) {
    float[] mean = new float[first.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (first[i] + second[i]) / 2;
    }
    return mean;
  }

  @Test
  void oneChannelIsOneParty() throws Exception {
    write(VOICE);
    MonoRecording recording = MonoRecording.read(file);
    assertHeard(recording, VOICE);
    assertThat(recording.sampleRate()).isEqualTo(RATE);
    assertThat(recording.seconds()).isCloseTo(1.5, within(1e-9));
    assertThat(recording.samplesAt(8_000)).hasSize(12_000);
    assertThat(recording.samplesAt(RATE)).isSameAs(recording.samples());
    assertThat(recording.notes()).isEmpty();
  }

  @Test
  void differentChannelsAreNeverMixedUnasked() throws Exception {
    write(VOICE, OTHER);
    assertThatThrownBy(() -> MonoRecording.read(file))
        .isInstanceOf(DifferentChannelsException.class)
        .hasMessage(
            file
                + " has 2 channels with different sound, perhaps one party on each; choose left,"
                + " right or mix");
    assertHeard(MonoRecording.read(file, ChannelSelection.LEFT), VOICE);
    assertHeard(MonoRecording.read(file, ChannelSelection.RIGHT), OTHER);
    assertHeard(MonoRecording.read(file, ChannelSelection.MIX), mean(VOICE, OTHER));
  }

  /** Two who never speak at once, and one who says only a word in a long call. */
  @Test
  void partiesWhoTakeTurnsAreDifferentChannels() throws Exception {
    float[] first = VOICE.clone();
    float[] second = new float[VOICE.length];
    for (int i = first.length - 800; i < first.length; i++) {
      second[i] = 0.01f * first[i];
      first[i] = 0;
    }
    write(first, second);
    assertThatThrownBy(() -> MonoRecording.read(file))
        .isInstanceOf(DifferentChannelsException.class);
  }

  @Test
  void theSameSoundOnBothChannelsIsOneParty() throws Exception {
    float[] almost = VOICE.clone();
    float[] noise = Signals.noise(new Random(1), almost.length);
    for (int i = 0; i < almost.length; i++) {
      almost[i] += 0.0005f * noise[i]; // what a codec adds
    }
    write(VOICE, almost);
    MonoRecording recording = MonoRecording.read(file);
    assertHeard(recording, VOICE);
    assertThat(recording.notes())
        .containsExactly("its 2 channels hold the same sound; one is heard");
  }

  @Test
  void aSilentChannelIsNoParty() throws Exception {
    write(SILENCE, VOICE);
    MonoRecording recording = MonoRecording.read(file);
    assertHeard(recording, VOICE);
    assertThat(recording.notes()).containsExactly("only channel 2 of 2 has sound; it is heard");
    write(SILENCE, SILENCE, SILENCE);
    assertHeard(MonoRecording.read(file), SILENCE);
  }

  @Test
  void aSideOfOneChannelIsRefused() throws Exception {
    write(VOICE);
    assertThatThrownBy(() -> MonoRecording.read(file, ChannelSelection.RIGHT))
        .isInstanceOf(RecordingException.class)
        .hasMessage(file + " has one channel; expected at least two to hear the right one");
    assertHeard(MonoRecording.read(file, ChannelSelection.MIX), VOICE);
  }

  @ParameterizedTest
  @CsvSource({"left,LEFT", "right,RIGHT", "mix,MIX", "Left,", "both,"})
  void selectionsHaveNames(String name, @Nullable ChannelSelection selection) {
    assertThat(ChannelSelection.of(name).orElse(null)).isEqualTo(selection);
  }
}
