package io.antiphon.runtime.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.runtime.Device;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SileroDetectorTest {
  private static SileroDetector detector;
  private static float[] question;

  @BeforeAll
  static void open() {
    detector = new SileroDetector(new OnnxSessions(Device.CPU, 1, false));
    question = wav(Path.of("..", "samples", "add.wav"));
  }

  @AfterAll
  static void close() {
    detector.close();
  }

  /** The file was written by Silero's own loop around its graph for single windows. */
  @Test
  void givesTheProbabilitiesOfTheReference() throws IOException {
    List<Float> reference =
        Files.readAllLines(Path.of("src", "test", "resources", "detection", "add.txt")).stream()
            .map(Float::valueOf)
            .toList();
    float[] found = detector.open().append(question);
    assertThat(found).hasSize(reference.size());
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).as("window %d", i).isCloseTo(reference.get(i), within(1e-5f));
    }
  }

  @Test
  void inAnyPiecesTheBitsAreThoseOfOneShot() {
    float[] expected = detector.open().append(question);
    Random random = new Random(3);
    for (int round = 0; round < 4; round++) {
      SpeechDetector.Stream stream = detector.open();
      assertThat(inPieces(stream, question, random)).isEqualTo(expected);
    }
  }

  @Test
  void restoredAnywhereTheBitsAreThoseOfTheUndisturbed() {
    float[] expected = detector.open().append(question);
    for (int cut : new int[] {0, 100, 511, 512, 513, 9_999, 20_000}) {
      SpeechDetector.Stream before = detector.open();
      float[] first = before.append(Arrays.copyOf(question, cut));
      SpeechDetector.Stream after = detector.restore(before.state());
      float[] second = after.append(Arrays.copyOfRange(question, cut, question.length));
      assertThat(concatenated(first, second)).as("cut at %d", cut).isEqualTo(expected);
    }
  }

  @Test
  void besideOthersTheBitsAreThoseOfAlone() {
    float[] expected = detector.open().append(question);
    List<float[]> found =
        IntStream.range(0, 8)
            .parallel()
            .mapToObj(seed -> inPieces(detector.open(), question, new Random(seed)))
            .toList();
    assertThat(found).allSatisfy(each -> assertThat(each).isEqualTo(expected));
  }

  @Test
  void noiseAndTonesAreNoSpeech() {
    Random random = new Random(5);
    float[] white = new float[160_000];
    float[] tone = new float[160_000];
    for (int i = 0; i < white.length; i++) {
      white[i] = (float) random.nextGaussian() * 0.1f;
      tone[i] = (float) Math.sin(2 * Math.PI * 440 * i / 16_000) * 0.3f;
    }
    for (float[] audio : List.of(white, tone, new float[160_000])) {
      for (float probability : detector.open().append(audio)) {
        assertThat(probability).isLessThan(0.3f);
      }
    }
  }

  @Test
  void refusesAStateOfSomethingElse() {
    assertThatThrownBy(() -> detector.restore(new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 3 values, expected 320 to 831");
  }

  @Test
  void afterTheEndNothingIsComputed() {
    SileroDetector other = new SileroDetector(new OnnxSessions(Device.CPU, 1, false));
    SpeechDetector.Stream stream = other.open();
    other.close();
    other.close();
    assertThatThrownBy(() -> stream.append(question)).isInstanceOf(HostClosedException.class);
  }

  private static Offset<Float> within(float offset) {
    return Offset.offset(offset);
  }

  private static float[] inPieces(SpeechDetector.Stream stream, float[] audio, Random random) {
    float[] found = new float[0];
    for (int at = 0; at < audio.length; ) {
      int end = Math.min(audio.length, at + 1 + random.nextInt(2_000));
      found = concatenated(found, stream.append(Arrays.copyOfRange(audio, at, end)));
      at = end;
    }
    return found;
  }

  private static float[] concatenated(float[] first, float[] second) {
    float[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** Samples of a PCM16 file with a plain header, 16 kHz mono. */
  private static float[] wav(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      bytes.position(44);
      float[] samples = new float[bytes.remaining() / 2];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = bytes.getShort() / 32768f;
      }
      return samples;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
