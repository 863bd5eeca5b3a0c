package io.antiphon.serde.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaveFileTest {
  private static final WaveFile VOICE = new WaveFile(22_050, Signals.voice(22_050, 0.3));

  private static WaveFile read(byte[] bytes) throws IOException {
    return WaveFile.read(new ByteArrayInputStream(bytes), "question.wav");
  }

  private static byte[] file(
      int encoding, int channels, int rate, int bits, byte[] extension, byte[] data) {
    ByteBuffer bytes =
        ByteBuffer.allocate(44 + extension.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(ascii("RIFF")).putInt(36 + extension.length + data.length).put(ascii("WAVEfmt "));
    bytes.putInt(16 + extension.length).putShort((short) encoding).putShort((short) channels);
    bytes.putInt(rate).putInt(rate * channels * bits / 8).putShort((short) (channels * bits / 8));
    bytes.putShort((short) bits).put(extension).put(ascii("data")).putInt(data.length).put(data);
    return bytes.array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  @Test
  void aWrittenRecordingComesBack(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("voice.wav");
    VOICE.write(file);
    WaveFile read = WaveFile.read(file);
    assertThat(read.sampleRate()).isEqualTo(22_050);
    assertThat(read.samples()).hasSameSizeAs(VOICE.samples());
    for (int i = 0; i < read.samples().length; i++) {
      assertThat(read.samples()[i]).isCloseTo(VOICE.samples()[i], within(0.51f / 32_768));
    }
    assertThat(read.seconds()).isCloseTo(0.3, within(1e-4));
    assertThat(read.samplesAt(16_000)).hasSize(4_800);
  }

  @Test
  void channelsAreMixedDown() throws Exception {
    byte[] data = {0, 64, 0, 32, 0, -128, 0, 0}; // (0.5, 0.25), (-1, 0)
    WaveFile read = read(file(1, 2, 16_000, 16, new byte[0], data));
    assertThat(read.samples()).containsExactly(0.375f, -0.5f);
  }

  @Test
  void floatsAreRead() throws Exception {
    WaveFile read = read(file(3, 1, 48_000, 32, new byte[0], floats(0.25f, -1.5f)));
    assertThat(read.sampleRate()).isEqualTo(48_000);
    assertThat(read.samples()).containsExactly(0.25f, -1.5f);
  }

  @Test
  void anExtensibleHeaderIsRead() throws Exception {
    byte[] extension = new byte[24];
    extension[0] = 22; // size of what follows
    extension[8] = 3; // sub-format: float
    WaveFile read = read(file(0xFFFE, 1, 16_000, 32, extension, floats(0.75f)));
    assertThat(read.samples()).containsExactly(0.75f);
  }

  @Test
  void otherChunksAreSkipped() throws Exception {
    byte[] plain = VOICE.bytes();
    ByteBuffer bytes = ByteBuffer.allocate(plain.length + 12).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(plain, 0, 12).put(ascii("LIST")).putInt(3).put(new byte[4]); // odd length, padded
    bytes.put(plain, 12, plain.length - 12);
    Signals.assertSame(read(bytes.array()).samples(), read(plain).samples());
  }

  @Test
  void aLengthThatTheWriterDidNotKnowMeansToTheEnd() throws Exception {
    byte[] bytes = VOICE.bytes();
    Arrays.fill(bytes, 40, 44, (byte) 0xFF);
    assertThat(read(bytes).samples()).hasSameSizeAs(VOICE.samples());
  }

  @Test
  void namesWhatIsWrong() {
    byte[] whole = VOICE.bytes();
    assertProblem(new byte[0], "is no WAVE file: it does not begin with RIFF and WAVE");
    assertProblem(
        ascii("ID3 an mp3 file"), "is no WAVE file: it does not begin with RIFF and WAVE");
    assertProblem(Arrays.copyOf(whole, 12), "has no samples (no data chunk)");
    assertProblem(Arrays.copyOf(whole, 30), "is cut off in its chunk \"fmt \"");
    assertProblem(
        Arrays.copyOf(whole, 1_044), "is cut off: its data chunk has 1000 of 13230 bytes");
    assertProblem(
        file(1, 1, 16_000, 24, new byte[0], new byte[3]),
        "holds encoding 1 with 24 bits; expected 16-bit PCM (1) or 32-bit float (3)");
    assertProblem(
        file(7, 1, 8_000, 8, new byte[0], new byte[3]),
        "holds encoding 7 with 8 bits; expected 16-bit PCM (1) or 32-bit float (3)");
    assertProblem(
        file(0xFFFE, 1, 8_000, 16, new byte[0], new byte[2]),
        "has an extensible format chunk of 16 bytes; expected 40");
    assertProblem(
        file(1, 0, 8_000, 16, new byte[0], new byte[2]), "has 0 channels; expected at least 1");
    assertProblem(
        file(1, 1, 7, 16, new byte[0], new byte[2]),
        "has a sample rate of 7; expected 1000 to 384000");
    assertProblem(
        file(1, 2, 8_000, 16, new byte[0], new byte[6]),
        "has a data chunk of 6 bytes; expected a multiple of 4");
    assertProblem(
        file(3, 1, 8_000, 32, new byte[0], floats(0, Float.NaN)),
        "has NaN as sample 1; expected a number");
    byte[] withoutFormat = new byte[20];
    System.arraycopy(whole, 0, withoutFormat, 0, 12);
    System.arraycopy(whole, 36, withoutFormat, 12, 8);
    assertProblem(withoutFormat, "has its samples before their format (no fmt chunk)");
  }

  @Test
  void aFileThatIsCutOffAnywhereIsAnError() {
    byte[] whole = VOICE.bytes();
    for (int length = 0; length < whole.length; length += length < 64 ? 1 : 997) {
      byte[] cutOff = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cutOff)).isInstanceOf(WaveFormatException.class);
    }
  }

  @Test
  void refusesToWriteWhatIsNoNumber() {
    WaveFile bad = new WaveFile(16_000, new float[] {0, Float.NaN});
    assertThatThrownBy(bad::bytes)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sample 1 of 2 is NaN; expected a number in [-1, 1]");
  }

  private static void assertProblem(byte[] bytes, String problem) {
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(WaveFormatException.class)
        .hasMessage("question.wav " + problem);
  }
}
