package io.antiphon.cli;

import io.antiphon.serde.audio.Resampler;
import io.antiphon.serde.recording.MonoRecording;
import io.antiphon.serde.recording.WaveWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A call of two parties made of the samples' voices, from a seed, with what is true of it. The
 * agent (channel 0) speaks the answers of nano, the customer (channel 1) the callers' questions.
 * Turns follow after 0.15 to 1 s, after a silence of 3.5 to 9 s, or begin 0.7 to 1 s before the
 * other one ends: an interruption.
 */
final class GeneratedCall {
  static final int RATE = 16_000;
  private static final List<String> CUSTOMER =
      List.of(
          "add", "appointment", "balance", "block-card", "capital", "heating", "hours", "opposite");
  private static final List<String> AGENT = List.of("add", "appointment", "colour", "subtract");

  /** A turn's first sample and the one after its last that can be heard. */
  record Turn(int channel, int begin, int end) {}

  private final float[][] samples;
  private final List<Turn> turns = new ArrayList<>();
  private int interruptions;

  /**
   * @param noise level of white noise on both channels in dBFS; 0 for none
   * @param leak how far below a voice the other channel hears it in dB, negative; 0 for none
   */
  GeneratedCall(Path folder, long seed, int seconds, double noise, double leak) throws IOException {
    Random random = new Random(seed);
    samples = new float[2][seconds * RATE];
    int end = RATE;
    int channel = 0;
    while (true) {
      float[] voice = voice(folder, channel, random);
      double kind = random.nextDouble();
      boolean interrupts = !turns.isEmpty() && kind < 0.25 && voice.length > 1.3 * RATE;
      int wait =
          interrupts
              ? -seconds(0.7 + 0.3 * random.nextDouble())
              : seconds(
                  kind > 0.85
                      ? 3.5 + 5.5 * random.nextDouble()
                      : 0.15 + 0.85 * random.nextDouble());
      int begin = end + wait;
      if (interrupts && begin < lastEnd(channel) + seconds(0.6)) {
        interrupts = false;
        begin = end + seconds(0.4);
      }
      if (begin + voice.length + RATE > samples[0].length) {
        break;
      }
      for (int i = 0; i < voice.length; i++) {
        samples[channel][begin + i] += voice[i];
      }
      turns.add(new Turn(channel, begin, begin + voice.length));
      interruptions += interrupts ? 1 : 0;
      end = begin + voice.length;
      channel = 1 - channel;
    }
    line(random, noise, leak);
  }

  private static int seconds(double seconds) {
    return (int) (seconds * RATE);
  }

  private int lastEnd(int channel) {
    return turns.stream()
        .filter(turn -> turn.channel() == channel)
        .mapToInt(Turn::end)
        .max()
        .orElse(0);
  }

  private void line(Random random, double noise, double leak) {
    float[][] clean = {samples[0].clone(), samples[1].clone()};
    float heard = leak == 0 ? 0 : (float) Math.pow(10, leak / 20);
    float level = noise == 0 ? 0 : (float) Math.pow(10, noise / 20);
    for (int channel = 0; channel < 2; channel++) {
      for (int i = 0; i < clean[0].length; i++) {
        samples[channel][i] =
            clean[channel][i]
                + heard * clean[1 - channel][i]
                + level * (float) random.nextGaussian();
      }
    }
  }

  /** Without what cannot be heard before and after it: 10 ms below 0.01 of full scale. */
  private static float[] voice(Path folder, int channel, Random random) throws IOException {
    List<String> names = channel == 0 ? AGENT : CUSTOMER;
    String name = names.get(random.nextInt(names.size()));
    float[] all =
        MonoRecording.read(
                folder.resolve(channel == 0 ? "answers/" + name + "-answer.wav" : name + ".wav"))
            .samplesAt(RATE);
    int step = RATE / 100;
    int first = all.length;
    int last = 0;
    for (int at = 0; at + step <= all.length; at += step) {
      double sum = 0;
      for (int i = at; i < at + step; i++) {
        sum += all[i] * all[i];
      }
      if (Math.sqrt(sum / step) > 0.01) {
        first = Math.min(first, at);
        last = at + step;
      }
    }
    return Arrays.copyOfRange(all, first, last);
  }

  List<Turn> turns() {
    return List.copyOf(turns);
  }

  /** How many turns were to begin 0.7 s or more before the other one ended. */
  int interruptions() {
    return interruptions;
  }

  long talkMillis() {
    return turns.stream().mapToLong(turn -> turn.end() - turn.begin()).sum() * 1000 / RATE;
  }

  /** Time in stretches of more than 3 s in which nobody talks. */
  long nonTalkMillis() {
    long sum = 0;
    int reached = 0;
    for (Turn turn : turns) {
      sum += quiet(reached, turn.begin());
      reached = Math.max(reached, turn.end());
    }
    return (sum + quiet(reached, samples[0].length)) * 1000 / RATE;
  }

  private static long quiet(int from, int to) {
    return to - from > 3 * RATE ? to - from : 0;
  }

  /** What a channel carries at {@link #RATE} behind a telephone line. */
  float[] telephone(int channel) {
    return Resampler.resample(Resampler.resample(samples[channel], RATE, RATE / 2), RATE / 2, RATE);
  }

  /** Writes the call in two channels at 8 kHz, as a telephone line carries it. */
  void write(Path file) throws IOException {
    float[] left = Resampler.resample(samples[0], RATE, RATE / 2);
    float[] right = Resampler.resample(samples[1], RATE, RATE / 2);
    float[] both = new float[2 * left.length];
    for (int i = 0; i < left.length; i++) {
      both[2 * i] = left[i];
      both[2 * i + 1] = right[i];
    }
    try (WaveWriter writer = WaveWriter.create(file, RATE / 2, 2)) {
      writer.write(both);
    }
  }
}
