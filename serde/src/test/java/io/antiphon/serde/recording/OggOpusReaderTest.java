package io.antiphon.serde.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.serde.audio.Signals;
import io.antiphon.serde.recording.Readings.Reading;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The files were made by opusenc from {@link Signals}. */
class OggOpusReaderTest {
  @Test
  void oneChannelIsHeardFromItsFirstToItsLastSample() throws Exception {
    Reading read = Readings.read(Readings.resource("mono.opus"), 333);
    assertThat(read.format().encoding()).isEqualTo("Ogg, Opus");
    assertThat(read.format().sampleRate()).isEqualTo(48_000);
    assertThat(read.format().channels()).isEqualTo(1);
    assertThat(read.samples()).as("neither pre-skip nor padding").hasSize(48_000);
    assertThat(read.notes()).isEmpty();
    float[] voice = Signals.voice(48_000, 1);
    assertThat(Signals.signalToNoise(voice, read.samples())).isGreaterThan(10);
  }

  @Test
  void twoChannelsStayApart() throws Exception {
    Reading read = Readings.read(Readings.resource("stereo.opus"));
    assertThat(read.format().channels()).isEqualTo(2);
    assertThat(read.samples()).hasSize(2 * 12_000);
    float[] left = new float[12_000];
    float[] right = new float[12_000];
    for (int i = 0; i < left.length; i++) {
      left[i] = read.samples()[2 * i];
      right[i] = read.samples()[2 * i + 1];
    }
    assertThat(Signals.signalToNoise(Signals.voice(48_000, 0.25), left)).isGreaterThan(10);
    assertThat(Signals.energy(right) / Signals.energy(left)).isLessThan(0.01);
  }

  @Test
  void aFileThatIsCutOffIsHeardToItsLastWholePage() throws Exception {
    byte[] whole = Readings.resource("mono.opus");
    Reading read = Readings.read(Arrays.copyOf(whole, whole.length - 1));
    assertThat(read.samples().length).isLessThan(48_000);
    assertThat(read.notes())
        .containsExactly("it has no last page, so it is cut off; it is heard to its end");
    byte[] cut = Arrays.copyOf(whole, 40);
    assertThatThrownBy(() -> Readings.read(cut))
        .isInstanceOf(RecordingException.class)
        .hasMessage("call.wav is cut off before its first sound");
  }

  @Test
  void aDamagedPageIsLeftOutAndTold() throws Exception {
    byte[] damaged = Readings.resource("mono.opus");
    damaged[damaged.length - 100] ^= 1;
    Reading read = Readings.read(damaged);
    assertThat(read.samples().length).isLessThan(48_000);
    assertThat(read.notes()).contains("1 of its pages are damaged; their sound is left out");
  }

  @Test
  void whateverTheBytesAreReadingEnds() throws Exception {
    byte[] whole = Readings.resource("stereo.opus");
    Random random = new Random(31);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length));
      for (int j = 0; j < 3 && bytes.length > 4; j++) {
        bytes[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt();
      }
      try {
        assertThat(Readings.read(bytes).samples()).hasSizeLessThan(100_000);
      } catch (IOException e) {
        assertThat(e.getMessage()).startsWith("call.wav ");
      }
    }
  }

  @Test
  void otherCodecsInOggAreToldByName() {
    byte[] page = new byte[28 + 30];
    System.arraycopy(WaveBytes.ascii("OggS"), 0, page, 0, 4);
    page[5] = 2;
    page[26] = 1;
    page[27] = 30;
    System.arraycopy(WaveBytes.ascii("\u0001vorbis"), 0, page, 28, 7);
    int checksum = (int) OggPackets.checksum(page);
    for (int i = 0; i < 4; i++) {
      page[22 + i] = (byte) (checksum >> (8 * i));
    }
    assertThatThrownBy(() -> Readings.read(page))
        .isInstanceOf(RecordingException.class)
        .hasMessageStartingWith("call.wav is a recording in Ogg, Vorbis, which is read through");
  }
}
