package io.antiphon.serde.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.audio.Signals;
import io.antiphon.serde.recording.Readings.Reading;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files were made by the reference encoder from {@link Signals}; what is lossless is equal. */
class FlacReaderTest {
  private static float[] mono8() {
    return SampleCoding.toFloats(SampleCoding.to16Bits(Signals.voice(8_000, 1)));
  }

  private static float[] stereo(float[] left, float[] right) {
    float[] both = new float[2 * left.length];
    for (int i = 0; i < left.length; i++) {
      both[2 * i] = left[i];
      both[2 * i + 1] = right[i];
    }
    return SampleCoding.toFloats(SampleCoding.to16Bits(both));
  }

  private static float[] scaled(float[] samples, float factor) {
    float[] scaled = new float[samples.length];
    for (int i = 0; i < samples.length; i++) {
      scaled[i] = factor * samples[i];
    }
    return scaled;
  }

  @ParameterizedTest
  @CsvSource({"fixed.flac,16", "wasted24.flac,24"})
  void oneChannelIsReadBitForBit(String name, int bits) throws Exception {
    Reading read = Readings.read(Readings.resource(name));
    assertThat(read.format().encoding()).isEqualTo("FLAC, " + bits + " bit");
    assertThat(read.format().sampleRate()).isEqualTo(8_000);
    assertThat(read.format().frames()).hasValue(8_000);
    Signals.assertSame(read.samples(), mono8());
    assertThat(read.notes()).isEmpty();
  }

  @Test
  void twoChannelsAreReadBitForBit() throws Exception {
    float[] voice = Signals.voice(8_000, 0.6);
    float[] hiss = scaled(Signals.noise(new Random(9), voice.length), 0.05f);
    float[] left = voice.clone();
    float[] right = voice.clone();
    for (int i = 0; i < voice.length; i++) {
      // Hiss on the right, on the left, and against each other: coded as left and side, side and
      // right, middle and side.
      int part = 3 * i / voice.length;
      left[i] += part == 0 ? 0 : hiss[i];
      right[i] += part == 0 ? hiss[i] : part == 1 ? 0 : -hiss[i];
    }
    Reading joint = Readings.read(Readings.resource("joint.flac"));
    assertThat(joint.format().channels()).isEqualTo(2);
    Signals.assertSame(joint.samples(), stereo(left, right));
    float[] wide = Signals.voice(48_000, 0.25);
    float[] noise = scaled(Signals.noise(new Random(4), wide.length), 0.02f);
    Reading different = Readings.read(Readings.resource("predicted.flac"), 1_001);
    assertThat(different.format().sampleRate()).isEqualTo(48_000);
    Signals.assertSame(different.samples(), stereo(wide, noise));
  }

  @Test
  void aFileThatIsCutOffIsHeardToItsLastWholeFrame() throws Exception {
    byte[] whole = Readings.resource("fixed.flac");
    float[] expected = Readings.read(whole).samples();
    Reading read = Readings.read(Arrays.copyOf(whole, whole.length / 2));
    assertThat(read.samples().length).isBetween(1_000, 5_000);
    Signals.assertSame(read.samples(), Arrays.copyOf(expected, read.samples().length));
    assertThat(read.notes())
        .containsExactly(
            "its header says 8000 samples, but it ends after "
                + read.samples().length
                + "; it is heard to its end");
    for (int length = 4; length < 42; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> Readings.read(cut))
          .isInstanceOf(RecordingException.class)
          .hasMessage("call.wav is cut off before its first sound");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fixed.flac", "joint.flac", "predicted.flac", "wasted24.flac"})
  void aChangedBitIsFound(String name) throws Exception {
    byte[] whole = Readings.resource(name);
    int firstFrame = 4; // behind the chunks, each of which has its length in three bytes
    for (boolean last = false; !last; ) {
      last = whole[firstFrame] < 0;
      firstFrame += 4 + (whole[firstFrame + 2] & 0xFF) * 256 + (whole[firstFrame + 3] & 0xFF);
    }
    Random random = new Random(23);
    for (int i = 0; i < 200; i++) {
      byte[] damaged = whole.clone();
      damaged[firstFrame + random.nextInt(whole.length - firstFrame)] ^=
          (byte) (1 << random.nextInt(8));
      try { // in the last frame, it may look as if the file were cut off
        assertThat(Readings.read(damaged).notes()).isNotEmpty();
      } catch (RecordingException e) {
        assertThat(e.getMessage()).matches("call.wav is damaged after \\d+ samples: .*");
      }
    }
  }
}
