package io.antiphon.serde.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.schemas.AudioFormat;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PCM16, mu-law and A-law through the public decoders and encoders. */
class SampleCodecTest {
  private static byte[] caller(SampleCoding coding, int sampleRate, double seconds) {
    return coding.encode(Signals.voice(sampleRate, seconds));
  }

  private static float[] decodeWhole(AudioFormat format, byte[] bytes) throws Exception {
    AudioDecoder decoder = AudioDecoder.of(format);
    return Signals.concatenate(decoder.decode(bytes), decoder.flush());
  }

  @ParameterizedTest
  @CsvSource({
    "pcm16,8000,50", "pcm16,16000,70", "pcm16,24000,50", "pcm16,48000,50",
    "mulaw,8000,30", "mulaw,16000,30", "mulaw,24000,30", "mulaw,48000,30",
    "alaw,8000,30", "alaw,16000,30", "alaw,24000,30", "alaw,48000,30"
  })
  void aVoiceIsHeardAt16Kilohertz(String encoding, int sampleRate, double decibels)
      throws Exception {
    SampleCoding coding = SampleCoding.valueOf(encoding.toUpperCase(Locale.ROOT));
    float[] samples =
        decodeWhole(new AudioFormat(encoding, sampleRate, 1), caller(coding, sampleRate, 0.5));
    float[] expected = Signals.voice(16_000, 0.5);
    assertThat(samples).hasSameSizeAs(expected);
    // Away from the ends: the voice does not begin in silence.
    float[] middle = Arrays.copyOfRange(samples, 1_000, 7_000);
    assertThat(Signals.signalToNoise(Arrays.copyOfRange(expected, 1_000, 7_000), middle))
        .isGreaterThan(decibels);
  }

  /** Cut at any byte, also within a sample. */
  @ParameterizedTest
  @CsvSource({
    "pcm16,8000",
    "pcm16,16000",
    "pcm16,24000",
    "pcm16,48000",
    "mulaw,8000",
    "alaw,48000"
  })
  void everyCutAndEveryRestartGivesTheSameSamples(String encoding, int sampleRate)
      throws Exception {
    AudioFormat format = new AudioFormat(encoding, sampleRate, 1);
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(18_000)];
      random.nextBytes(bytes);
      AudioDecoder decoder = AudioDecoder.of(format);
      float[] pieces = new float[0];
      for (int at = 0; at < bytes.length; ) {
        int length = Signals.pieceLength(random, bytes.length - at);
        pieces =
            Signals.concatenate(pieces, decoder.decode(Arrays.copyOfRange(bytes, at, at + length)));
        at += length;
        decoder = AudioDecoder.restore(format, decoder.state());
      }
      pieces = Signals.concatenate(pieces, decoder.flush());
      Signals.assertSame(pieces, decodeWhole(format, bytes));
    }
  }

  @ParameterizedTest
  @CsvSource({"pcm16,24000", "mulaw,8000", "alaw,8000"})
  void everyCutAndEveryRestartGivesTheSameBytes(String encoding, int sampleRate) throws Exception {
    AudioFormat format = new AudioFormat(encoding, sampleRate, 1);
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      float[] samples = Signals.noise(random, random.nextInt(9_000));
      AudioEncoder whole = AudioEncoder.of(format);
      byte[] expected = bytes(whole.encode(samples), whole.flush());
      AudioEncoder encoder = AudioEncoder.of(format);
      byte[] pieces = new byte[0];
      for (int at = 0; at < samples.length; ) {
        int length = Signals.pieceLength(random, samples.length - at);
        pieces =
            bytes(
                List.of(new AudioPacket(pieces, 0)),
                encoder.encode(Arrays.copyOfRange(samples, at, at + length)));
        at += length;
        encoder = AudioEncoder.restore(format, encoder.state());
      }
      assertThat(bytes(List.of(new AudioPacket(pieces, 0)), encoder.flush())).isEqualTo(expected);
    }
  }

  @Test
  void packetsCountTheirSamples() throws Exception {
    AudioEncoder encoder = AudioEncoder.of(new AudioFormat("mulaw", 8_000, 1));
    int samples = 0;
    for (AudioPacket packet : encoder.encode(new float[24_000])) {
      assertThat(packet.bytes()).hasSize(packet.samples());
      samples += packet.samples();
    }
    for (AudioPacket packet : encoder.flush()) {
      samples += packet.samples();
    }
    assertThat(samples).isEqualTo(8_000);
    assertThat(encoder.sampleRate()).isEqualTo(8_000);
    assertThat(encoder.flush()).isEmpty();
    assertThat(encoder.encode(new float[0])).isEmpty();
  }

  @Test
  void halfASampleWaitsForTheNextChunk() throws Exception {
    AudioFormat format = new AudioFormat("pcm16", 8_000, 1);
    byte[] bytes = caller(SampleCoding.PCM16, 8_000, 1);
    AudioDecoder decoder = AudioDecoder.of(format);
    float[] samples = new float[0];
    for (int at = 0; at < bytes.length; at += 641) {
      byte[] chunk = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 641));
      samples = Signals.concatenate(samples, decoder.decode(chunk));
      decoder = AudioDecoder.restore(format, decoder.state());
    }
    samples = Signals.concatenate(samples, decoder.flush());
    Signals.assertSame(samples, decodeWhole(format, bytes));
  }

  @Test
  void halfASampleAtTheEndIsDropped() throws Exception {
    AudioFormat format = new AudioFormat("pcm16", 16_000, 1);
    byte[] bytes = caller(SampleCoding.PCM16, 16_000, 0.1);
    AudioDecoder decoder = AudioDecoder.of(format);
    for (int turn = 0; turn < 2; turn++) { // the second begins with a whole sample again
      float[] samples = decoder.decode(Arrays.copyOf(bytes, bytes.length - 1));
      samples = Signals.concatenate(samples, decoder.flush());
      Signals.assertSame(samples, decodeWhole(format, Arrays.copyOf(bytes, bytes.length - 2)));
    }
  }

  @ParameterizedTest
  @CsvSource({"pcm16,24000", "alaw,8000", "opus,24000"})
  void whatIsNoNumberIsRefusedAndNothingIsConsumed(String encoding, int sampleRate)
      throws Exception {
    AudioEncoder encoder = AudioEncoder.of(new AudioFormat(encoding, sampleRate, 1));
    byte[] before = encoder.state();
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      assertThatThrownBy(() -> encoder.encode(new float[] {0, 0.5f, bad}))
          .isInstanceOf(MalformedAudioException.class)
          .hasMessage("sample 2 of 3 is " + bad + "; expected a number in [-1, 1]");
    }
    assertThat(encoder.state()).isEqualTo(before);
  }

  @Test
  void whatIsTooLoudIsClipped() throws Exception {
    AudioEncoder encoder = AudioEncoder.of(new AudioFormat("pcm16", 24_000, 1));
    byte[] bytes = encoder.encode(new float[] {1, 2, -1, -3e30f, 0.5f}).get(0).bytes();
    assertThat(bytes).containsExactly(0xFF, 0x7F, 0xFF, 0x7F, 0x00, 0x80, 0x00, 0x80, 0x00, 0x40);
  }

  @Test
  void namesAFormatThatIsNotSpoken() {
    assertThatThrownBy(() -> AudioDecoder.of(new AudioFormat("mp3", 16_000, 1)))
        .isInstanceOf(UnsupportedAudioFormatException.class)
        .hasMessage("input format: encoding is \"mp3\"; expected pcm16, mulaw, alaw or opus");
    assertThatThrownBy(() -> AudioDecoder.of(new AudioFormat("pcm16", 44_100, 1)))
        .hasMessage(
            "input format: sampleRate is 44100; expected one of [8000, 16000, 24000, 48000]");
    assertThatThrownBy(() -> AudioEncoder.of(new AudioFormat("PCM16", 24_000, 1)))
        .hasMessage("output format: encoding is \"PCM16\"; expected pcm16, mulaw, alaw or opus");
    assertThatThrownBy(() -> AudioEncoder.of(new AudioFormat("mulaw", 24_000, 1)))
        .hasMessage("output format: sampleRate of mulaw is 24000; expected 8000");
    assertThatThrownBy(() -> AudioEncoder.of(new AudioFormat("pcm16", 8_000, 1)))
        .hasMessage("output format: sampleRate of pcm16 is 8000; expected 24000");
  }

  @Test
  void refusesAStateOfSomethingElse() throws Exception {
    AudioFormat format = new AudioFormat("pcm16", 8_000, 1);
    byte[] other = AudioDecoder.of(new AudioFormat("pcm16", 48_000, 1)).state();
    assertThatThrownBy(() -> AudioDecoder.restore(format, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no saved state of the audio decoder of pcm16 at 8000 Hz");
    byte[] newer = AudioDecoder.of(format).state();
    newer[0] = 2;
    assertThatThrownBy(() -> AudioDecoder.restore(format, newer))
        .hasMessageEndingWith("version 2, expected 1");
  }

  private static byte[] bytes(List<AudioPacket> first, List<AudioPacket> second) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    first.forEach(packet -> bytes.writeBytes(packet.bytes()));
    second.forEach(packet -> bytes.writeBytes(packet.bytes()));
    return bytes.toByteArray();
  }
}
