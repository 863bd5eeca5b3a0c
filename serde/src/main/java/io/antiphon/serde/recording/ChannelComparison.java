package io.antiphon.serde.recording;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells whether a recording's channels hold the same sound, nothing, or different sound, as they
 * are read. Not thread safe.
 */
public final class ChannelComparison {
  /** Root mean square of 20 ms below which nothing is heard, -60 dBFS. */
  private static final double AUDIBLE = 0.001;

  /** Share of the energy by which two channels with the same sound may differ, -40 dB. */
  private static final double SAME = 1e-4;

  private final int channels;
  private final int window;
  private final double[] energy;

  /** Energy of each channel less the first one. */
  private final double[] difference;

  private final double[] windowEnergy;
  private final double[] loudest;
  private int inWindow;

  public ChannelComparison(RecordingFormat format) {
    this.channels = format.channels();
    this.window = format.sampleRate() / 50;
    this.energy = new double[channels];
    this.difference = new double[channels];
    this.windowEnergy = new double[channels];
    this.loudest = new double[channels];
  }

  /** Takes the next frames. */
  public void add(float[] interleaved, int frames) {
    for (int frame = 0; frame < frames; frame++) {
      float first = interleaved[frame * channels];
      for (int channel = 0; channel < channels; channel++) {
        float sample = interleaved[frame * channels + channel];
        windowEnergy[channel] += (double) sample * sample;
        difference[channel] += (double) (sample - first) * (sample - first);
      }
      inWindow++;
      if (inWindow == window) {
        endWindow();
      }
    }
  }

  /** Whether nothing can be heard on the channel. */
  public boolean silent(int channel) {
    double rest = inWindow == 0 ? 0 : windowEnergy[channel] / inWindow;
    return Math.sqrt(Math.max(loudest[channel], rest)) < AUDIBLE;
  }

  /** Channels on which something can be heard. */
  public List<Integer> audible() {
    List<Integer> audible = new ArrayList<>();
    for (int channel = 0; channel < channels; channel++) {
      if (!silent(channel)) {
        audible.add(channel);
      }
    }
    return audible;
  }

  /** Whether every channel holds the sound of the first one, but for what a codec adds. */
  public boolean identical() {
    for (int channel = 1; channel < channels; channel++) {
      double first = energy[0] + windowEnergy[0];
      double present = energy[channel] + windowEnergy[channel];
      if (difference[channel] > SAME * Math.max(first, present)) {
        return false;
      }
    }
    return true;
  }

  private void endWindow() {
    for (int channel = 0; channel < channels; channel++) {
      energy[channel] += windowEnergy[channel];
      loudest[channel] = Math.max(loudest[channel], windowEnergy[channel] / window);
      windowEnergy[channel] = 0;
    }
    inWindow = 0;
  }
}
