package io.antiphon.serde.audio;

import java.math.BigInteger;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The linear-phase low pass between two rates, split into its phases: a sinc under a Kaiser window
 * (Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.6) that passes up to nine
 * tenths of the lower rate's Nyquist frequency and stops from that frequency on, so nothing that
 * would alias or mirror gets through. Immutable and shared.
 *
 * <p>With {@code up / down} = toRate / fromRate in lowest terms, {@code h} the filter at {@code up}
 * times the input rate with 2 c + 1 coefficients, output n is {@code y[n] = sum over j of x[j] h[n
 * down - j up + c]}.
 */
final class PolyphaseFilter {
  /** Attenuation that the window is designed for, in decibels. */
  private static final double ATTENUATION = 80;

  private static final double PASS_BAND = 0.9;
  private static final int MINIMUM_RATE = 1_000;
  private static final int MAXIMUM_RATE = 384_000;

  private static final Map<Long, PolyphaseFilter> FILTERS = new ConcurrentHashMap<>();

  private final int up;
  private final int down;
  private final int center;
  private final int taps;

  /** [up][taps]: coefficients of each phase, those of the earliest input first. */
  private final float[][] phases;

  private PolyphaseFilter(int up, int down) {
    this.up = up;
    this.down = down;
    if (up == 1 && down == 1) {
      center = 0;
      taps = 1;
      phases = new float[][] {{1f}};
      return;
    }
    // In cycles per sample of the rate up x fromRate, the lower Nyquist frequency is 1 / (2 max).
    double nyquist = 0.5 / Math.max(up, down);
    double width = 2 * Math.PI * nyquist * (1 - PASS_BAND);
    center = (int) Math.ceil((ATTENUATION - 7.95) / (2.285 * width) / 2);
    taps = (2 * center + up) / up;
    double[] prototype = lowPass(nyquist * (1 + PASS_BAND) / 2, center);
    phases = new float[up][taps];
    for (int i = 0; i < prototype.length; i++) {
      phases[i % up][taps - 1 - i / up] = (float) (prototype[i] * up);
    }
  }

  static PolyphaseFilter of(int fromRate, int toRate) {
    requireRate("input", fromRate);
    requireRate("output", toRate);
    int divisor = BigInteger.valueOf(fromRate).gcd(BigInteger.valueOf(toRate)).intValue();
    int up = toRate / divisor;
    int down = fromRate / divisor;
    return FILTERS.computeIfAbsent(
        (long) up << Integer.SIZE | down, key -> new PolyphaseFilter(up, down));
  }

  /** Inputs that one output is a sum over. */
  int taps() {
    return taps;
  }

  /** Outputs that lie within a stream of so many inputs. */
  long outputsIn(long inputs) {
    return (inputs * up + down - 1) / down;
  }

  /** Outputs that can be computed once so many inputs are known. */
  long outputsFor(long inputs) {
    long reach = inputs * up - center; // n down + c < inputs up
    return reach <= 0 ? 0 : (reach + down - 1) / down;
  }

  /** Index in the stream of the earliest input under output n; negative before the stream. */
  long firstInput(long output) {
    return (output * down + center) / up - taps + 1;
  }

  /** Output n from the inputs in {@code window}, the earliest at {@code first}. */
  float output(long output, float[] window, int first) {
    float[] phase = phases[(int) ((output * down + center) % up)];
    // Four sums side by side keep the processor busy; their order is fixed, so is the result.
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i + 3 < taps; i += 4) {
      a += phase[i] * window[first + i];
      b += phase[i + 1] * window[first + i + 1];
      c += phase[i + 2] * window[first + i + 2];
      d += phase[i + 3] * window[first + i + 3];
    }
    for (; i < taps; i++) {
      a += phase[i] * window[first + i];
    }
    return (a + b) + (c + d);
  }

  private static double[] lowPass(double cutoff, int center) {
    double beta = 0.1102 * (ATTENUATION - 8.7);
    double[] coefficients = new double[2 * center + 1];
    double sum = 0;
    for (int i = 0; i < coefficients.length; i++) {
      int distance = i - center;
      double position = (double) distance / center;
      double sinc =
          distance == 0
              ? 2 * cutoff
              : Math.sin(2 * Math.PI * cutoff * distance) / (Math.PI * distance);
      coefficients[i] = sinc * bessel(beta * Math.sqrt(1 - position * position)) / bessel(beta);
      sum += coefficients[i];
    }
    for (int i = 0; i < coefficients.length; i++) {
      coefficients[i] /= sum;
    }
    return coefficients;
  }

  /** Modified Bessel function of the first kind, order zero, by its power series. */
  private static double bessel(double x) {
    double sum = 1;
    double term = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
      term *= (x / (2 * k)) * (x / (2 * k));
      sum += term;
    }
    return sum;
  }

  private static void requireRate(String which, int rate) {
    if (rate < MINIMUM_RATE || rate > MAXIMUM_RATE) {
      throw new IllegalArgumentException(
          which + " sample rate is " + rate + "; expected " + MINIMUM_RATE + " to " + MAXIMUM_RATE);
    }
  }
}
