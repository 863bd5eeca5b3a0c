package io.antiphon.runtime.speech;

import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * The log-mel of one frame: window, Fourier transform, power, mel filters, logarithm. In double
 * precision, as the reference's feature extractor. Constants come from the bundle. Not thread safe
 * (scratch buffers).
 */
public final class MelTransform {
  /** The bundle's constants, shared by all streams. */
  public static final class Constants {
    final int fftSize;
    final int melBins;
    final double floor;
    final double[] window;

    /**
     * Filter weights {@code [melBins][last - first]} from bin {@code first[mel]} of the spectrum;
     * the rest is zero.
     */
    final double[][] filters;

    final int[] first;

    Constants(Manifest.Audio audio, double[] window, double[] dense) {
      this.fftSize = audio.fftSize();
      this.melBins = audio.melBins();
      this.floor = audio.powerFloor();
      this.window = window;
      this.filters = new double[melBins][];
      this.first = new int[melBins];
      int bins = fftSize / 2 + 1;
      for (int mel = 0; mel < melBins; mel++) {
        int begin = 0;
        int end = bins;
        while (begin < end && dense[mel * bins + begin] == 0) {
          begin++;
        }
        while (end > begin && dense[mel * bins + end - 1] == 0) {
          end--;
        }
        first[mel] = begin;
        filters[mel] = java.util.Arrays.copyOfRange(dense, mel * bins + begin, mel * bins + end);
      }
    }

    public static Constants read(Path file, Manifest.Audio audio) throws IOException {
      Safetensors tensors = Safetensors.open(file);
      double[] window = tensors.doubles("window");
      double[] filters = tensors.doubles("mel_filters");
      int expected = audio.melBins() * (audio.fftSize() / 2 + 1);
      if (window.length != audio.fftSize() || filters.length != expected) {
        throw new IOException(
            file
                + ": window has "
                + window.length
                + " and mel_filters "
                + filters.length
                + " values, expected "
                + audio.fftSize()
                + " and "
                + expected);
      }
      return new Constants(audio, window, filters);
    }
  }

  private final Constants constants;
  private final DoubleFFT_1D fft;
  private final double[] spectrum;
  private final double[] power;

  MelTransform(Constants constants) {
    this.constants = constants;
    this.fft = new DoubleFFT_1D(constants.fftSize);
    this.spectrum = new double[constants.fftSize];
    this.power = new double[constants.fftSize / 2 + 1];
  }

  /**
   * Scratch for one frame's samples {@code [fftSize]}; filled by the caller, destroyed by {@link
   * #logMel}.
   */
  double[] frame() {
    return spectrum;
  }

  /**
   * Transforms the samples in {@link #frame()}.
   *
   * @param target receives log10 of the mel powers at {@code offset ... offset + melBins}
   * @return their maximum
   */
  float logMel(float[] target, int offset) {
    int size = constants.fftSize;
    for (int i = 0; i < size; i++) {
      spectrum[i] *= constants.window[i];
    }
    fft.realForward(spectrum);
    unpackPower(size);
    float maximum = Float.NEGATIVE_INFINITY;
    for (int mel = 0; mel < constants.melBins; mel++) {
      double sum = 0;
      double[] filter = constants.filters[mel];
      int first = constants.first[mel];
      for (int i = 0; i < filter.length; i++) {
        sum += filter[i] * power[first + i];
      }
      float value = (float) Math.log10(Math.max(constants.floor, sum));
      target[offset + mel] = value;
      maximum = Math.max(maximum, value);
    }
    return maximum;
  }

  /**
   * The library packs an even-sized real transform as re(0), re(n/2), re(1), im(1), ...; an
   * odd-sized one ends otherwise.
   */
  private void unpackPower(int size) {
    power[0] = spectrum[0] * spectrum[0];
    for (int bin = 1; bin < (size + 1) / 2; bin++) {
      double real = spectrum[2 * bin];
      double imaginary = size % 2 == 1 && bin == size / 2 ? spectrum[1] : spectrum[2 * bin + 1];
      power[bin] = real * real + imaginary * imaginary;
    }
    if (size % 2 == 0) {
      power[size / 2] = spectrum[1] * spectrum[1];
    }
  }
}
