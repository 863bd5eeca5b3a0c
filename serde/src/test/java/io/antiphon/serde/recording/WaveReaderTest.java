package io.antiphon.serde.recording;

import static io.antiphon.serde.recording.WaveBytes.ascii;
import static io.antiphon.serde.recording.WaveBytes.chunk;
import static io.antiphon.serde.recording.WaveBytes.concatenate;
import static io.antiphon.serde.recording.WaveBytes.file;
import static io.antiphon.serde.recording.WaveBytes.format;
import static io.antiphon.serde.recording.WaveBytes.head;
import static io.antiphon.serde.recording.WaveBytes.riff;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.audio.Signals;
import io.antiphon.serde.recording.Readings.Reading;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WaveReaderTest {
  private static final float[] VOICE = Signals.voice(8_000, 0.3);

  /** The voice in an encoding, little endian. */
  private static byte[] encode(String encoding, float[] samples) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float sample : samples) {
      switch (encoding) {
        case "u8" -> bytes.put((byte) (Math.round(sample * 128) + 128));
        case "s16" -> bytes.putShort(SampleCoding.quantize(sample));
        case "s24" -> {
          int value = Math.round(sample * 0x1p23f);
          bytes.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
        }
        case "s32" -> bytes.putInt((int) (sample * 0x1p31));
        case "f32" -> bytes.putFloat(sample);
        case "f64" -> bytes.putDouble(sample);
        case "mulaw" -> bytes.put(SampleCoding.MULAW.encode(new float[] {sample}));
        case "alaw" -> bytes.put(SampleCoding.ALAW.encode(new float[] {sample}));
        default -> throw new IllegalArgumentException(encoding);
      }
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  @ParameterizedTest
  @CsvSource({
    "u8,1,8,0.004,'8 bit'",
    "s16,1,16,1.6e-5,'16 bit'",
    "s24,1,24,1e-7,'24 bit'",
    "s32,1,32,1e-7,'32 bit'",
    "f32,3,32,0,'32 bit float'",
    "f64,3,64,0,'64 bit float'",
    "mulaw,7,8,0.02,mu-law",
    "alaw,6,8,0.02,A-law"
  })
  void everyEncodingIsHeard(String encoding, int tag, int bits, float error, String name)
      throws Exception {
    byte[] data = encode(encoding, VOICE);
    byte[] plain = file(tag, 1, 8_000, bits, data);
    byte[] extensible =
        riff(chunk("fmt ", WaveBytes.extensibleFormat(tag, 1, 8_000, bits)), chunk("data", data));
    byte[] longFormat = // 18 bytes, the last two being zero, as for everything but PCM
        riff(
            chunk("fmt ", Arrays.copyOf(format(tag, 1, 8_000, bits), 18)),
            chunk("fact", new byte[4]),
            chunk("data", data));
    for (byte[] bytes : new byte[][] {plain, extensible, longFormat}) {
      Reading read = Readings.read(bytes);
      assertThat(read.format().encoding()).isEqualTo("WAV, " + name);
      assertThat(read.format().sampleRate()).isEqualTo(8_000);
      assertThat(read.format().channels()).isEqualTo(1);
      assertThat(read.format().frames()).hasValue(VOICE.length);
      assertThat(read.samples()).containsExactly(VOICE, within(error));
      assertThat(read.notes()).isEmpty();
    }
  }

  @Test
  void samplesOfTwelveBitsStandInWholeBytes() throws Exception {
    byte[] format = format(WaveBytes.PCM, 1, 8_000, 16);
    format[14] = 12;
    Reading read =
        Readings.read(riff(chunk("fmt ", format), chunk("data", new byte[] {0, 64, 0, -64})));
    assertThat(read.samples()).containsExactly(0.5f, -0.5f);
  }

  @Test
  void channelsAreInterleaved() throws Exception {
    byte[] data = {0, 64, 0, 32, 0, -128, 0, 0}; // (0.5, 0.25), (-1, 0)
    Reading read = Readings.read(file(WaveBytes.PCM, 2, 16_000, 16, data));
    assertThat(read.format().channels()).isEqualTo(2);
    assertThat(read.format().frames()).hasValue(2);
    assertThat(read.samples()).containsExactly(0.5f, 0.25f, -1, 0);
  }

  /** Recorders and pipes that never came back to the header, and those that did it too early. */
  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        0x7FFFF000L,
        0x7FFFFFFFL,
        0xFFFFFFFFL,
        0x7FFFF000L - 36,
        0xFFFFFFFFL - 36,
        0x80000000L,
        1_000,
        4_802,
        4_000_000
      })
  void aWrongLengthIsNoReasonNotToHear(long length, @TempDir Path folder) throws Exception {
    byte[] whole = WaveWriter.bytes(8_000, VOICE);
    Reading expected = Readings.read(whole);
    byte[] wrong = whole.clone();
    ByteBuffer.wrap(wrong).order(ByteOrder.LITTLE_ENDIAN).putInt(40, (int) length);
    Path file = Files.write(folder.resolve("wrong.wav"), wrong);
    Reading fromStream = Readings.read(wrong);
    Signals.assertSame(fromStream.samples(), expected.samples());
    assertThat(fromStream.notes()).singleElement().asString().contains("its header says " + length);
    try (RecordingReader reader = RecordingOpener.open(file, Optional.empty())) {
      Reading fromFile = Readings.read(reader, 777);
      Signals.assertSame(fromFile.samples(), expected.samples());
      assertThat(fromFile.notes()).isEqualTo(fromStream.notes());
    }
  }

  @Test
  void aRightLengthMayBeFollowedByOtherChunks() throws Exception {
    byte[] data = encode("s16", VOICE);
    byte[] format = chunk("fmt ", format(WaveBytes.PCM, 1, 8_000, 16));
    byte[] list = chunk("LIST", ascii("INFOISFT     made by somebody"));
    Reading read = Readings.read(riff(format, chunk("data", data), list));
    assertThat(read.samples()).hasSize(VOICE.length);
    assertThat(read.notes()).isEmpty();
    Reading empty = Readings.read(riff(format, chunk("data", new byte[0]), list));
    assertThat(empty.samples()).isEmpty();
    assertThat(empty.notes()).isEmpty();
    assertThat(Readings.read(riff(format, chunk("data", new byte[0]))).samples()).isEmpty();
  }

  @Test
  void chunksOfOddLengthArePaddedOrNot() throws Exception {
    byte[] format = chunk("fmt ", format(7, 1, 8_000, 8));
    byte[] data = encode("mulaw", Arrays.copyOf(VOICE, 1_001));
    byte[] odd = ascii("abc");
    Reading padded =
        Readings.read(riff(chunk("note", odd), format, chunk("data", data), chunk("LIST", odd)));
    Reading unpadded =
        Readings.read(
            riff(
                concatenate(head("note", 3), odd),
                format,
                concatenate(head("data", 1_001), data),
                chunk("LIST", odd)));
    assertThat(padded.samples()).hasSize(1_001);
    assertThat(padded.notes()).isEmpty();
    Signals.assertSame(unpadded.samples(), padded.samples());
    assertThat(unpadded.notes()).isEmpty();
  }

  @Test
  void aLongFileKeepsItsLengthApart() throws Exception {
    byte[] data = encode("s16", VOICE);
    byte[] sizes =
        ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN).putLong(8, data.length).array();
    byte[] bytes =
        riff(
            chunk("ds64", sizes),
            chunk("fmt ", format(WaveBytes.PCM, 1, 8_000, 16)),
            concatenate(head("data", 0xFFFFFFFFL), data),
            chunk("LIST", ascii("INFO")));
    bytes[2] = '6';
    bytes[3] = '4';
    System.arraycopy(ascii("RF64"), 0, bytes, 0, 4);
    Reading read = Readings.read(bytes);
    assertThat(read.samples()).hasSize(VOICE.length);
    assertThat(read.format().frames()).hasValue(VOICE.length);
    assertThat(read.notes()).isEmpty();
  }

  @Test
  void anEndWithinAFrameIsLeftOutAndTold() throws Exception {
    byte[] data = new byte[4 * 100 + 3];
    Reading read = Readings.read(file(WaveBytes.PCM, 2, 8_000, 16, data));
    assertThat(read.samples()).hasSize(200);
    assertThat(read.notes())
        .containsExactly("its last 3 bytes are no whole sample; they are left out");
  }

  @Test
  void howMuchIsReadAtATimeChangesNothing() throws Exception {
    float[] samples = Signals.noise(new Random(5), 3 * 9_001);
    byte[] bytes = file(WaveBytes.FLOAT, 3, 8_000, 32, encode("f32", samples));
    for (int room : new int[] {1, 4, 7, 1_000, 12_288, 12_289, 100_000}) {
      Signals.assertSame(Readings.read(bytes, room).samples(), samples);
    }
  }

  /** The decoder of libgsm, through sox, is the reference: equal bit for bit. */
  @Test
  void gsmIsHeardAsItsReferenceDecodesIt() throws Exception {
    byte[] expected = Readings.resource("gsm610-by-libgsm.raw");
    Reading read = Readings.read(Readings.resource("gsm610.wav"));
    assertThat(read.format().encoding()).isEqualTo("WAV, GSM 06.10");
    assertThat(read.format().frames()).hasValue(expected.length / 2);
    assertThat(read.notes()).isEmpty();
    Signals.assertSame(read.samples(), SampleCoding.PCM16.decode(expected, 0, expected.length));
    assertThat(Signals.signalToNoise(Signals.voice(8_000, 1), read.samples())).isGreaterThan(6);
  }

  @ParameterizedTest
  @CsvSource({
    "2,4,'Microsoft ADPCM (format tag 2, 4 bits)'",
    "17,4,'IMA ADPCM (format tag 17, 4 bits)'",
    "85,0,'MP3 (format tag 85, 0 bits)'",
    "131,0,'G.729 (format tag 131, 0 bits)'",
    "4660,16,'an encoding of its own (format tag 4660, 16 bits)'",
    "1,64,'integer samples (format tag 1, 64 bits)'"
  })
  void whatIsNotReadIsToldByNameWithACommand(int tag, int bits, String name) {
    byte[] bytes = file(tag, 1, 8_000, bits, new byte[100]);
    assertProblem(
        bytes,
        "is a recording in WAV, "
            + name
            + ", which is read through ffmpeg, and none is on the path; install it, or convert the"
            + " recording where there is one: ffmpeg -i call.wav -c:a pcm_s16le converted.wav");
  }

  @Test
  void namesWhatIsWrongWithAHeader() {
    byte[] whole = WaveWriter.bytes(8_000, VOICE);
    assertProblem(Arrays.copyOf(whole, 12), "has no samples (no data chunk)");
    assertProblem(Arrays.copyOf(whole, 30), "is cut off in its chunk \"fmt \"");
    assertProblem(
        file(WaveBytes.EXTENSIBLE, 1, 8_000, 16, new byte[2]),
        "has an extensible format chunk of 16 bytes; expected 40");
    assertProblem(
        file(WaveBytes.PCM, 0, 8_000, 16, new byte[2]), "has 0 channels; expected at least 1");
    assertProblem(
        file(WaveBytes.PCM, 1, 7, 16, new byte[2]),
        "has a sample rate of 7; expected 1000 to 384000");
    assertProblem(
        riff(chunk("fmt ", new byte[14]), chunk("data", new byte[2])),
        "has a format chunk of 14 bytes; expected at least 16");
    assertProblem(
        riff(chunk("data", new byte[2])), "has its samples before their format (no fmt chunk)");
    assertProblem(
        riff(concatenate(head("LIST", 0xFFFFFFF0L), new byte[9])),
        "is cut off in its chunk \"LIST\"");
    ByteBuffer bad = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(4, Float.NaN);
    assertProblem(
        file(WaveBytes.FLOAT, 1, 8_000, 32, bad.array()), "has NaN as sample 1; expected a number");
  }

  @Test
  void whereverAFileIsCutOffItIsHeardOrTold() throws Exception {
    byte[] whole = WaveWriter.bytes(8_000, VOICE);
    for (int length = 0; length < whole.length; length += length < 64 ? 1 : 97) {
      byte[] cut = Arrays.copyOf(whole, length);
      if (length < 44) {
        assertThatThrownBy(() -> Readings.read(cut)).isInstanceOf(RecordingException.class);
      } else {
        Reading read = Readings.read(cut);
        assertThat(read.samples()).hasSize((length - 44) / 2);
        assertThat(read.notes()).isNotEmpty();
      }
    }
  }

  @Test
  void whateverTheBytesAreReadingEnds() {
    Random random = new Random(17);
    byte[] whole = file(WaveBytes.PCM, 2, 8_000, 16, new byte[400]);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int j = random.nextInt(6); j >= 0 && bytes.length > 12; j--) {
        bytes[12 + random.nextInt(Math.min(60, bytes.length - 12))] = (byte) random.nextInt();
      }
      try {
        assertThat(Readings.read(bytes).samples()).hasSizeLessThanOrEqualTo(400);
      } catch (IOException e) {
        assertThat(e.getMessage()).startsWith("call.wav ");
      }
    }
  }

  private static void assertProblem(byte[] bytes, String problem) {
    assertThatThrownBy(() -> Readings.read(bytes))
        .isInstanceOf(RecordingException.class)
        .hasMessage("call.wav " + problem);
  }
}
