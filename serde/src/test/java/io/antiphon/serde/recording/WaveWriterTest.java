package io.antiphon.serde.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.audio.Signals;
import io.antiphon.serde.recording.Readings.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaveWriterTest {
  @Test
  void whatIsWrittenPieceByPieceComesBack(@TempDir Path folder) throws Exception {
    float[] samples = Signals.noise(new Random(2), 2 * 5_000);
    Path file = folder.resolve("both.wav");
    Files.write(file, new byte[100_000]); // what was there is gone
    try (WaveWriter writer = WaveWriter.create(file, 24_000, 2)) {
      for (int at = 0; at < samples.length; at += 1_000) {
        writer.write(Arrays.copyOfRange(samples, at, at + 1_000));
      }
      Reading unfinished = Readings.read(Files.readAllBytes(file));
      assertThat(unfinished.samples()).as("before it is closed").hasSameSizeAs(samples);
    }
    Reading read = Readings.read(Files.readAllBytes(file));
    assertThat(read.format().sampleRate()).isEqualTo(24_000);
    assertThat(read.format().channels()).isEqualTo(2);
    assertThat(read.notes()).isEmpty();
    Signals.assertSame(read.samples(), SampleCoding.toFloats(SampleCoding.to16Bits(samples)));
  }

  @Test
  void aWholeRecordingHasTheSameBytes(@TempDir Path folder) throws Exception {
    float[] samples = Signals.voice(8_000, 0.2);
    Path whole = folder.resolve("whole.wav");
    WaveWriter.write(whole, 8_000, samples);
    Path pieces = folder.resolve("pieces.wav");
    try (WaveWriter writer = WaveWriter.create(pieces, 8_000, 1)) {
      writer.write(samples);
    }
    assertThat(pieces).hasSameBinaryContentAs(whole);
    assertThat(whole).hasBinaryContent(WaveWriter.bytes(8_000, samples));
  }

  @Test
  void refusesWhatIsNoNumber() {
    assertThatThrownBy(() -> WaveWriter.bytes(16_000, new float[] {0, Float.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sample 1 of 2 is NaN; expected a number in [-1, 1]");
  }
}
