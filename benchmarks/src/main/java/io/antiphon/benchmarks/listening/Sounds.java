package io.antiphon.benchmarks.listening;

import io.antiphon.benchmarks.Recordings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Sounds of a telephone line that are nobody's speech, and speech in them: 16 kHz, made anew. */
public final class Sounds {
  private static final int RATE = Recordings.SAMPLE_RATE;
  private static final long SEED = 7;

  /** Level of noises and music, root mean square: that of the samples' speech, about. */
  private static final double LOUD = 0.08;

  private final Recordings recordings;
  private final int length;

  /**
   * @param recordings whose voices babble
   * @param seconds of each sound
   */
  public Sounds(Recordings recordings, double seconds) {
    this.recordings = recordings;
    this.length = (int) (seconds * RATE);
  }

  /** By name, in the order of a table. */
  public Map<String, float[]> withoutSpeech() {
    Map<String, float[]> sounds = new LinkedHashMap<>();
    sounds.put("digital silence", new float[length]);
    sounds.put("comfort noise, -60 dBFS", scaled(white(SEED), 0.001));
    sounds.put("white noise", scaled(white(SEED), LOUD));
    sounds.put("pink noise", scaled(pink(), LOUD));
    sounds.put("brown noise", scaled(brown(), LOUD));
    sounds.put(
        "white noise, louder and softer 4 times a second", scaled(pulsing(white(SEED), 4), LOUD));
    sounds.put("tone 440 Hz", scaled(tones(440), LOUD));
    sounds.put("dial tone 350 + 440 Hz", scaled(tones(350, 440), LOUD));
    sounds.put(
        "key 5 (770 + 1336 Hz), 100 ms of 200", scaled(gated(tones(770, 1336), 0.1, 0.2), LOUD));
    sounds.put("busy tone 480 + 620 Hz, 0.5 s of 1", scaled(gated(tones(480, 620), 0.5, 1), LOUD));
    sounds.put("siren, 500 to 1500 Hz", scaled(siren(), LOUD));
    sounds.put("clicks, 3 a second", clicks());
    sounds.put("hold music: chords of 8 partials", scaled(music(), LOUD));
    return sounds;
  }

  /** So many voices at once, a hubbub in which no one is understood. */
  public float[] babble(int voices) {
    float[] sum = new float[length];
    for (int voice = 0; voice < voices; voice++) {
      float[] one = speech(voice, voice * RATE / 3);
      for (int i = 0; i < length; i++) {
        sum[i] += one[i];
      }
    }
    return scaled(sum, LOUD);
  }

  /** One caller without a pause, recordings one behind the other. */
  public float[] speech() {
    return scaled(speech(0, 0), LOUD);
  }

  /**
   * The same in white noise.
   *
   * @param ratio of speech to noise in decibels
   */
  public float[] speechInNoise(double ratio) {
    float[] speech = speech();
    float[] noise = scaled(white(SEED + 1), LOUD / Math.pow(10, ratio / 20));
    for (int i = 0; i < length; i++) {
      noise[i] += speech[i];
    }
    return noise;
  }

  private float[] speech(int first, int skipped) {
    float[] all = new float[length];
    int at = -skipped;
    for (int which = first; at < length; which++) {
      float[] next = recordings.question(which, 0);
      for (int i = Math.max(0, -at); i < next.length && at + i < length; i++) {
        all[at + i] = next[i];
      }
      at += next.length;
    }
    return all;
  }

  private float[] white(long seed) {
    Random random = new Random(seed);
    float[] noise = new float[length];
    for (int i = 0; i < length; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    return noise;
  }

  /** Paul Kellet's filter: 3 dB less an octave, within 0.05 dB. */
  private float[] pink() {
    float[] noise = white(SEED);
    double[] state = new double[7];
    double[] poles = {0.99886, 0.99332, 0.969, 0.8665, 0.55, -0.7616};
    double[] gains = {0.0555179, 0.0750759, 0.153852, 0.3104856, 0.5329522, -0.016898};
    for (int i = 0; i < length; i++) {
      double sum = state[6] + noise[i] * 0.5362;
      for (int filter = 0; filter < poles.length; filter++) {
        state[filter] = poles[filter] * state[filter] + gains[filter] * noise[i];
        sum += state[filter];
      }
      state[6] = noise[i] * 0.115926;
      noise[i] = (float) sum;
    }
    return noise;
  }

  private float[] brown() {
    float[] noise = white(SEED);
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum = 0.998 * sum + noise[i];
      noise[i] = (float) sum;
    }
    return noise;
  }

  private float[] tones(double... frequencies) {
    float[] sound = new float[length];
    for (int i = 0; i < length; i++) {
      for (double frequency : frequencies) {
        sound[i] += (float) Math.sin(2 * Math.PI * frequency * i / RATE);
      }
    }
    return sound;
  }

  private float[] siren() {
    float[] sound = new float[length];
    double phase = 0;
    for (int i = 0; i < length; i++) {
      phase += 2 * Math.PI * (1000 + 500 * Math.sin(Math.PI * i / RATE)) / RATE;
      sound[i] = (float) Math.sin(phase);
    }
    return sound;
  }

  private float[] clicks() {
    Random random = new Random(SEED);
    float[] sound = new float[length];
    for (int at = RATE / 6; at + 64 < length; at += RATE / 3) {
      for (int i = 0; i < 64; i++) {
        sound[at + i] = (float) (0.8 * random.nextGaussian() * Math.exp(-i / 12.0));
      }
    }
    return sound;
  }

  /** A chord a half second, plucked, with falling partials. */
  private float[] music() {
    double[][] chords = {{262, 330, 392}, {220, 262, 330}, {175, 220, 262}, {196, 247, 294}};
    float[] sound = new float[length];
    for (int i = 0; i < length; i++) {
      int beat = i / (RATE / 2);
      double since = (i % (RATE / 2)) / (double) RATE;
      for (double root : chords[beat % chords.length]) {
        for (int partial = 1; partial <= 8; partial++) {
          double angle = 2 * Math.PI * root * partial * i / RATE;
          sound[i] += (float) (Math.sin(angle) * Math.exp(-4 * since) / partial);
        }
      }
    }
    return sound;
  }

  private static float[] pulsing(float[] sound, double hertz) {
    for (int i = 0; i < sound.length; i++) {
      sound[i] *= (float) (0.5 + 0.5 * Math.sin(2 * Math.PI * hertz * i / RATE));
    }
    return sound;
  }

  private static float[] gated(float[] sound, double on, double period) {
    for (int i = 0; i < sound.length; i++) {
      if (i / (double) RATE % period >= on) {
        sound[i] = 0;
      }
    }
    return sound;
  }

  private static float[] scaled(float[] sound, double level) {
    double sum = 0;
    for (float sample : sound) {
      sum += (double) sample * sample;
    }
    double factor = level / Math.sqrt(sum / sound.length);
    for (int i = 0; i < sound.length; i++) {
      sound[i] = (float) Math.max(-1, Math.min(1, sound[i] * factor));
    }
    return sound;
  }

  /** Babble, speech and speech in noise, by name. */
  public Map<String, float[]> withSpeech() {
    Map<String, float[]> sounds = new LinkedHashMap<>();
    for (int voices : List.of(16, 6)) {
      sounds.put("babble of " + voices + " voices", babble(voices));
    }
    sounds.put("speech", speech());
    for (int ratio : List.of(20, 10, 5, 0)) {
      sounds.put("speech in white noise, " + ratio + " dB", speechInNoise(ratio));
    }
    return sounds;
  }

  /** All samples in pieces of a length; the last may be shorter. */
  public static List<float[]> pieces(float[] samples, int length) {
    List<float[]> pieces = new ArrayList<>();
    for (int at = 0; at < samples.length; at += length) {
      pieces.add(Arrays.copyOfRange(samples, at, Math.min(samples.length, at + length)));
    }
    return pieces;
  }
}
