package io.antiphon.runtime.parity;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.Device;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.OnnxSessions;
import io.antiphon.runtime.speech.FrameGrouper;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelWindow;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A case's audio through log-mel, encoder and grouping, with the whole utterance's maximum as the
 * reference has it.
 */
final class ParitySpeech {
  private final ModelHost host;
  private final Bundle bundle;
  private final Manifest.Audio audio;
  private final float[] samples;
  private final List<MelWindow> windows;
  private final float[] mel;

  ParitySpeech(ModelHost host, float[] samples) {
    this.host = host;
    this.bundle = host.bundle();
    this.audio = bundle.manifest().audio();
    this.samples = samples;
    this.windows = windows(bundle.logMel(wholeMaximum()), samples);
    this.mel = join(windows);
  }

  /** Log-mel {@code [melBins x frames]} of the whole utterance. */
  float[] mel() {
    return mel;
  }

  /** How much the maximum so far, which conversations live with, changes the log-mel. */
  String runningMaximumDifference() {
    float[] running = join(windows(bundle.logMel(), samples));
    double worst = 0;
    for (int i = 0; i < mel.length; i++) {
      worst = Math.max(worst, Math.abs(running[i] - mel[i]));
    }
    return String.format(Locale.ROOT, "with the maximum so far by %.2g", worst);
  }

  /** Encoder frames, window by window, cut and padded to whole groups. */
  float[] frames() {
    FrameGrouper grouper = bundle.frameGrouper();
    List<float[]> parts = new ArrayList<>();
    for (MelWindow window : windows) {
      parts.add(grouper.append(host.encode(window.mel(), window.frames()).join()));
    }
    parts.add(grouper.finish(new float[0], samples.length));
    return concatenate(parts);
  }

  boolean hasEagerEncoder() {
    return bundle.manifest().graphs().containsKey(Manifest.Graph.ENCODER_EAGER);
  }

  /**
   * Encoder frames as the reference's eager attention computes them: all positions of the recording
   * together.
   */
  float[] eagerFrames() {
    FrameGrouper grouper = bundle.frameGrouper();
    long[] shape = {1, audio.melBins(), mel.length / audio.melBins()};
    OnnxSessions sessions = new OnnxSessions(Device.CPU, 1, false);
    try (OrtSession session = sessions.open(bundle.file(Manifest.Graph.ENCODER_EAGER));
        OnnxTensor input =
            OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(mel), shape);
        OrtSession.Result result = session.run(Map.of("mel", input))) {
      FloatBuffer buffer = ((OnnxTensor) result.get("frames").orElseThrow()).getFloatBuffer();
      float[] frames = new float[buffer.remaining()];
      buffer.get(frames);
      return grouper.finish(frames, samples.length);
    } catch (OrtException e) {
      throw new IllegalStateException("the eager encoder failed: " + e.getMessage(), e);
    }
  }

  /** Groups {@code [g x d]} of frames that fill them. */
  float[] groups(float[] frames) {
    int groupValues = audio.groupSize() * bundle.manifest().sharedLlm().hiddenSize();
    return host.group(frames, frames.length / groupValues).join();
  }

  /**
   * The reference pads with silence before it takes the maximum, so frames behind the end count.
   */
  private float wholeMaximum() {
    LogMel whole = bundle.logMel();
    whole.append(samples);
    whole.append(new float[2 * audio.fftSize()]);
    return whole.maximum();
  }

  private static List<MelWindow> windows(LogMel logMel, float[] samples) {
    List<MelWindow> windows = new ArrayList<>(logMel.append(samples));
    windows.addAll(logMel.finish());
    return windows;
  }

  private float[] join(List<MelWindow> parts) {
    int frames = parts.stream().mapToInt(MelWindow::frames).sum();
    float[] joined = new float[audio.melBins() * frames];
    int offset = 0;
    for (MelWindow part : parts) {
      for (int bin = 0; bin < audio.melBins(); bin++) {
        System.arraycopy(
            part.mel(), bin * part.frames(), joined, bin * frames + offset, part.frames());
      }
      offset += part.frames();
    }
    return joined;
  }

  private static float[] concatenate(List<float[]> parts) {
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int offset = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, offset, part.length);
      offset += part.length;
    }
    return all;
  }
}
