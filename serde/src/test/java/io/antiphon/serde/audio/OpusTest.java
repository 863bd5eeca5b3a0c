package io.antiphon.serde.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.antiphon.schemas.AudioFormat;
import io.github.jaredmdobson.concentus.OpusApplication;
import io.github.jaredmdobson.concentus.OpusDecoder;
import io.github.jaredmdobson.concentus.OpusEncoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class OpusTest {
  private static final AudioFormat OUTPUT = new AudioFormat("opus", 24_000, 1);

  /** Packets as a caller's Opus library makes them. */
  private static List<byte[]> callerPackets(
      int sampleRate, int channels, int millis, OpusApplication application, double seconds)
      throws OpusException {
    OpusEncoder encoder = new OpusEncoder(sampleRate, channels, application);
    encoder.setBitrate(32_000);
    float[] voice = Signals.voice(sampleRate, seconds);
    int frame = sampleRate * millis / 1000;
    List<byte[]> packets = new ArrayList<>();
    byte[] buffer = new byte[1275];
    short[] samples = new short[frame * channels];
    for (int at = 0; at + frame <= voice.length; at += frame) {
      for (int i = 0; i < samples.length; i++) {
        samples[i] = SampleCoding.quantize(voice[at + i / channels]);
      }
      int length = encoder.encode(samples, 0, frame, buffer, 0, buffer.length);
      packets.add(Arrays.copyOf(buffer, length));
    }
    return packets;
  }

  private static float[] decode(AudioDecoder decoder, List<byte[]> packets) throws Exception {
    float[] samples = new float[0];
    for (byte[] packet : packets) {
      samples = Signals.concatenate(samples, decoder.decode(packet));
    }
    return Signals.concatenate(samples, decoder.flush());
  }

  @ParameterizedTest
  @CsvSource({
    "8000,1,20",
    "8000,1,60",
    "16000,1,20",
    "16000,1,40",
    "24000,1,10",
    "24000,2,20",
    "48000,1,20",
    "48000,2,20"
  })
  void aCallersPacketsBecomeSamplesOfTheSameLoudness(int sampleRate, int channels, int millis)
      throws Exception {
    for (OpusApplication application :
        new OpusApplication[] {
          OpusApplication.OPUS_APPLICATION_VOIP, OpusApplication.OPUS_APPLICATION_AUDIO
        }) {
      AudioDecoder decoder = AudioDecoder.of(new AudioFormat("opus", sampleRate, 1));
      float[] samples =
          decode(decoder, callerPackets(sampleRate, channels, millis, application, 1.2));
      int spoken = 1_200 / millis * millis;
      assertThat(samples).hasSize(spoken * 16);
      double loudness =
          Signals.energy(samples) / Signals.energy(Signals.voice(16_000, spoken / 1000.0));
      assertThat(10 * Math.log10(loudness)).isCloseTo(0, within(1.0));
    }
  }

  @Test
  void theAnswerComesBackAsItWasSpoken() throws Exception {
    float[] voice = Signals.voice(24_000, 2);
    AudioEncoder encoder = AudioEncoder.of(OUTPUT);
    List<AudioPacket> packets = new ArrayList<>(encoder.encode(voice));
    packets.addAll(encoder.flush());
    assertThat(packets).allSatisfy(packet -> assertThat(packet.samples()).isEqualTo(480));
    int bytes = packets.stream().mapToInt(packet -> packet.bytes().length).sum();
    assertThat(bytes * 8 / 2).isBetween(16_000, 40_000); // bits a second

    float[] decoded = decode24(packets.stream().map(AudioPacket::bytes).toList());
    // The decoder speaks later than the encoder heard, by the look-ahead of 2.5 ms.
    float[] aligned = Arrays.copyOfRange(decoded, 60, decoded.length);
    assertThat(aligned.length).isGreaterThanOrEqualTo(voice.length);
    assertThat(Signals.signalToNoise(voice, aligned)).isGreaterThan(12);
    assertThat(Signals.energy(aligned) / Signals.energy(voice)).isCloseTo(1, within(0.1));
  }

  @Test
  void everyCutGivesTheSamePackets() throws Exception {
    float[] voice = Signals.voice(24_000, 0.77);
    List<AudioPacket> whole = encode(AudioEncoder.of(OUTPUT), List.of(voice));
    for (int seed = 0; seed < 5; seed++) {
      List<float[]> pieces = cut(voice, new Random(seed));
      assertSamePackets(encode(AudioEncoder.of(OUTPUT), pieces), whole);
    }
  }

  /** Longer than several codec objects' terms, cut and restored anywhere. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aRestoredEncoderMakesTheSamePackets(int seed) throws Exception {
    float[] voice = Signals.voice(24_000, 2.77);
    List<AudioPacket> whole = encode(AudioEncoder.of(OUTPUT), List.of(voice));
    AudioEncoder encoder = AudioEncoder.of(OUTPUT);
    List<AudioPacket> packets = new ArrayList<>();
    for (float[] piece : cut(voice, new Random(seed))) {
      byte[] state = encoder.state();
      assertThat(state.length).isLessThan(54_000);
      encoder = AudioEncoder.restore(OUTPUT, state);
      assertThat(encoder.state()).isEqualTo(state);
      packets.addAll(encoder.encode(piece));
    }
    packets.addAll(AudioEncoder.restore(OUTPUT, encoder.state()).flush());
    assertSamePackets(packets, whole);
  }

  @Test
  void anEncoderRestoredOnceMakesTheSamePackets() throws Exception {
    float[] voice = Signals.voice(24_000, 2.2);
    List<AudioPacket> whole = encode(AudioEncoder.of(OUTPUT), List.of(voice));
    AudioEncoder undisturbed = AudioEncoder.of(OUTPUT);
    List<AudioPacket> before = new ArrayList<>();
    for (int at = 0; at < voice.length; at += 3 * 480) {
      List<AudioPacket> packets = new ArrayList<>(before);
      AudioEncoder restored = AudioEncoder.restore(OUTPUT, undisturbed.state());
      packets.addAll(encode(restored, List.of(Arrays.copyOfRange(voice, at, voice.length))));
      assertSamePackets(packets, whole);
      before.addAll(
          undisturbed.encode(Arrays.copyOfRange(voice, at, Math.min(voice.length, at + 3 * 480))));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "8000,20,OPUS_APPLICATION_VOIP",
    "16000,60,OPUS_APPLICATION_VOIP",
    "48000,20,OPUS_APPLICATION_VOIP",
    "48000,20,OPUS_APPLICATION_AUDIO",
    "24000,10,OPUS_APPLICATION_RESTRICTED_LOWDELAY"
  })
  void aRestoredDecoderGivesTheSameSamples(int sampleRate, int millis, OpusApplication application)
      throws Exception {
    AudioFormat format = new AudioFormat("opus", sampleRate, 1);
    List<byte[]> packets = callerPackets(sampleRate, 1, millis, application, 3.3);
    packets.add(packets.size() / 2, new byte[0]);
    float[] whole = decode(AudioDecoder.of(format), packets);
    AudioDecoder decoder = AudioDecoder.of(format);
    float[] samples = new float[0];
    Random random = new Random(sampleRate + millis);
    for (byte[] packet : packets) {
      if (random.nextInt(4) == 0) {
        byte[] state = decoder.state();
        assertThat(state.length).isLessThan(20_000);
        decoder = AudioDecoder.restore(format, state);
        assertThat(decoder.state()).isEqualTo(state);
      }
      samples = Signals.concatenate(samples, decoder.decode(packet));
    }
    samples = Signals.concatenate(samples, decoder.flush());
    Signals.assertSame(samples, whole);
  }

  /** What the takeovers cost: one decoder for the whole stream is the reference. */
  @ParameterizedTest
  @EnumSource(
      value = OpusApplication.class,
      names = {
        "OPUS_APPLICATION_VOIP",
        "OPUS_APPLICATION_AUDIO",
        "OPUS_APPLICATION_RESTRICTED_LOWDELAY"
      })
  void anotherDecodersTakingOverIsNotHeard(OpusApplication application) throws Exception {
    List<byte[]> packets = callerPackets(24_000, 1, 20, application, 9);
    AudioDecoder decoder = AudioDecoder.of(new AudioFormat("opus", 48_000, 1));
    float[] samples = decode(decoder, packets);
    OpusDecoder single = new OpusDecoder(48_000, 1);
    float[] reference = new float[packets.size() * 960];
    short[] frame = new short[960];
    for (int i = 0; i < packets.size(); i++) {
      byte[] packet = packets.get(i);
      single.decode(packet, 0, packet.length, frame, 0, 960, false);
      System.arraycopy(SampleCoding.toFloats(frame), 0, reference, 960 * i, 960);
    }
    reference = Resampler.resample(reference, 48_000, 16_000);
    double worst = Double.MAX_VALUE;
    for (int second = 0; second < 9; second++) {
      int from = 16_000 * second;
      worst =
          Math.min(
              worst,
              Signals.signalToNoise(
                  Arrays.copyOfRange(reference, from, from + 16_000),
                  Arrays.copyOfRange(samples, from, from + 16_000)));
    }
    assertThat(worst).isGreaterThan(40);
  }

  /** Fresh encoders cost no quality: one encoder for the whole stream is the reference. */
  @Test
  void anotherEncodersTakingOverIsNotHeard() throws Exception {
    float[] voice = Signals.voice(24_000, 6);
    List<AudioPacket> packets = encode(AudioEncoder.of(OUTPUT), List.of(voice));
    OpusEncoder single =
        new OpusEncoder(24_000, 1, OpusApplication.OPUS_APPLICATION_RESTRICTED_LOWDELAY);
    single.setBitrate(32_000);
    single.setComplexity(5);
    List<byte[]> reference = new ArrayList<>();
    byte[] buffer = new byte[1275];
    for (int at = 0; at + 480 <= voice.length; at += 480) {
      short[] frame = SampleCoding.to16Bits(Arrays.copyOfRange(voice, at, at + 480));
      reference.add(Arrays.copyOf(buffer, single.encode(frame, 0, 480, buffer, 0, buffer.length)));
    }
    float[] ours = decode24(packets.stream().map(AudioPacket::bytes).toList());
    float[] theirs = decode24(reference);
    for (int second = 1; second < 5; second++) {
      // The 100 ms from each takeover on; the decoder speaks 2.5 ms later than the encoder heard.
      int from = 24_000 * second;
      float[] spoken = Arrays.copyOfRange(voice, from, from + 2_400);
      double noise =
          Signals.signalToNoise(spoken, Arrays.copyOfRange(ours, from + 60, from + 2_460));
      assertThat(noise)
          .isGreaterThan(
              Signals.signalToNoise(spoken, Arrays.copyOfRange(theirs, from + 60, from + 2_460))
                  - 2);
    }
  }

  private static float[] decode24(List<byte[]> packets) throws OpusException {
    OpusDecoder decoder = new OpusDecoder(24_000, 1);
    float[] decoded = new float[packets.size() * 480];
    short[] frame = new short[480];
    for (int i = 0; i < packets.size(); i++) {
      byte[] packet = packets.get(i);
      assertThat(decoder.decode(packet, 0, packet.length, frame, 0, 480, false)).isEqualTo(480);
      System.arraycopy(SampleCoding.toFloats(frame), 0, decoded, 480 * i, 480);
    }
    return decoded;
  }

  @ParameterizedTest
  @CsvSource({"8000,20", "16000,60", "24000,10"})
  void anEmptyPacketIsSilenceAsLongAsTheOneBefore(int sampleRate, int millis) throws Exception {
    List<byte[]> packets =
        callerPackets(sampleRate, 1, millis, OpusApplication.OPUS_APPLICATION_VOIP, 0.6);
    AudioDecoder decoder = AudioDecoder.of(new AudioFormat("opus", sampleRate, 1));
    float[] samples = decoder.decode(new byte[0]); // 20 ms where nothing was before
    for (byte[] packet : packets) {
      samples = Signals.concatenate(samples, decoder.decode(packet));
    }
    for (int i = 0; i < 50; i++) {
      samples = Signals.concatenate(samples, decoder.decode(new byte[0]));
    }
    samples = Signals.concatenate(samples, decoder.flush());
    assertThat(samples).hasSize(16 * (20 + 600 + 50 * millis));
    assertThat(Signals.energy(Arrays.copyOfRange(samples, 16 * 620 + 320, samples.length)))
        .isZero();
  }

  @Test
  void hostilePacketsKeepTheStateSmall() throws Exception {
    AudioFormat format = new AudioFormat("opus", 48_000, 1);
    byte[] packet = new byte[1_276]; // 2.5 ms of 1 275 bytes: half a megabyte a second
    Random random = new Random(3);
    AudioDecoder decoder = AudioDecoder.of(format);
    for (int i = 0; i < 2_000; i++) {
      random.nextBytes(packet);
      packet[0] = (byte) (28 << 3);
      decoder.decode(packet);
      assertThat(decoder.state().length).isLessThan(150_000);
    }
  }

  @Test
  void isAtAStartAgainAfterTheEnd() throws Exception {
    float[] voice = Signals.voice(24_000, 0.3);
    AudioEncoder encoder = AudioEncoder.of(OUTPUT);
    List<AudioPacket> first = encode(encoder, List.of(voice));
    assertSamePackets(encode(encoder, List.of(voice)), first);
    assertThat(encoder.flush()).isEmpty();
  }

  @Test
  void namesWhatIsWrongWithAPacketAndGoesOn() throws Exception {
    AudioFormat format = new AudioFormat("opus", 16_000, 1);
    List<byte[]> packets = callerPackets(16_000, 1, 20, OpusApplication.OPUS_APPLICATION_VOIP, 1.2);
    float[] whole = decode(AudioDecoder.of(format), packets);
    AudioDecoder decoder = AudioDecoder.of(format);
    float[] samples = new float[0];
    for (byte[] packet : packets) {
      assertMalformed(decoder, "its two frames cannot have the same length (R3)", 0x49, 1);
      assertMalformed(decoder, "its header is cut off", 0x4A);
      assertMalformed(decoder, "its first frame is longer than the packet (R4)", 0x4A, 9, 1);
      assertMalformed(decoder, "its 0 frames are none or last over 120 ms (R5)", 0x4B, 0);
      assertMalformed(decoder, "its 7 frames are none or last over 120 ms (R5)", 0x4B, 7);
      assertMalformed(decoder, "its frames cannot have the same length (R6)", 0x4B, 2, 1);
      assertMalformed(decoder, "its frames are longer than the packet (R7)", 0x4B, 0x82, 5, 1);
      assertMalformed(decoder, "its header is cut off", 0x4B, 0x41, 255);
      samples = Signals.concatenate(samples, decoder.decode(packet));
    }
    samples = Signals.concatenate(samples, decoder.flush());
    Signals.assertSame(samples, whole);
    byte[] tooLong = new byte[1 + 1276];
    assertThatThrownBy(() -> decoder.decode(tooLong))
        .hasMessageContaining("a frame has 1276 bytes, more than 1275 (R2)");
  }

  @Test
  void randomBytesAreDecodedOrRefused() throws Exception {
    AudioDecoder decoder = AudioDecoder.of(new AudioFormat("opus", 48_000, 1));
    Random random = new Random(11);
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      try {
        assertThat(decoder.decode(bytes)).hasSizeLessThanOrEqualTo(1_920);
      } catch (MalformedAudioException e) {
        assertThat(e).hasMessageContaining("Opus");
      }
    }
  }

  @Test
  void refusesAStateOfSomethingElse() throws Exception {
    byte[] state = AudioEncoder.of(OUTPUT).state();
    for (int length = 0; length < state.length; length += 97) {
      byte[] cutOff = Arrays.copyOf(state, length);
      assertThatThrownBy(() -> AudioEncoder.restore(OUTPUT, cutOff))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no saved state of the audio encoder of opus at 24000 Hz");
    }
  }

  private static List<float[]> cut(float[] samples, Random random) {
    List<float[]> pieces = new ArrayList<>();
    for (int at = 0; at < samples.length; ) {
      int length = Signals.pieceLength(random, samples.length - at);
      pieces.add(Arrays.copyOfRange(samples, at, at + length));
      at += length;
    }
    return pieces;
  }

  private static List<AudioPacket> encode(AudioEncoder encoder, List<float[]> pieces)
      throws Exception {
    List<AudioPacket> packets = new ArrayList<>();
    for (float[] piece : pieces) {
      packets.addAll(encoder.encode(piece));
    }
    packets.addAll(encoder.flush());
    return packets;
  }

  private static void assertSamePackets(List<AudioPacket> actual, List<AudioPacket> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).bytes()).as("packet %s", i).isEqualTo(expected.get(i).bytes());
    }
  }

  private static void assertMalformed(AudioDecoder decoder, String reason, int... bytes) {
    byte[] packet = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      packet[i] = (byte) bytes[i];
    }
    assertThatThrownBy(() -> decoder.decode(packet))
        .isInstanceOf(MalformedAudioException.class)
        .hasMessageContaining(reason);
  }
}
