package io.antiphon.benchmarks.decoding;

import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.speech.FrameGrouper;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelWindow;
import io.antiphon.runtime.text.PromptSegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A recording as the prompt of a conversation's first turn.
 *
 * @param segments system message, question, up to where the assistant answers
 * @param mel log-mel {@code [melBins x frames]}, row-major, that the question was encoded from
 * @param samples of the recording
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record SpokenPrompt(List<PromptSegment> segments, float[] mel, int frames, long samples) {
  /**
   * @param samples mono at the bundle's rate
   */
  public static SpokenPrompt of(ModelHost host, float[] samples) {
    Manifest manifest = host.bundle().manifest();
    LogMel logMel = host.bundle().logMel();
    List<MelWindow> windows = new ArrayList<>(logMel.append(samples));
    windows.addAll(logMel.finish());
    FrameGrouper grouper = host.bundle().frameGrouper();
    int groupValues = manifest.audio().groupSize() * manifest.sharedLlm().hiddenSize();
    List<PromptSegment> segments =
        new ArrayList<>(host.bundle().prompts().system(GenerationMode.SPEECH, null, null));
    segments.add(new PromptSegment.Text(host.bundle().prompts().audioBegin()));
    for (int i = 0; i < windows.size(); i++) {
      float[] frames = host.encode(windows.get(i).mel(), windows.get(i).frames()).join();
      float[] complete =
          i < windows.size() - 1 ? grouper.append(frames) : grouper.finish(frames, samples.length);
      int groups = complete.length / groupValues;
      if (groups > 0) {
        segments.add(new PromptSegment.Audio(host.group(complete, groups).join(), groups));
      }
    }
    segments.add(new PromptSegment.Text(host.bundle().prompts().audioEnd()));
    int frames = windows.stream().mapToInt(MelWindow::frames).sum();
    return new SpokenPrompt(
        List.copyOf(segments),
        joined(windows, manifest.audio().melBins(), frames),
        frames,
        samples.length);
  }

  private static float[] joined(List<MelWindow> windows, int bins, int frames) {
    float[] joined = new float[bins * frames];
    int begin = 0;
    for (MelWindow window : windows) {
      for (int bin = 0; bin < bins; bin++) {
        System.arraycopy(
            window.mel(), bin * window.frames(), joined, bin * frames + begin, window.frames());
      }
      begin += window.frames();
    }
    return joined;
  }

  public int positions() {
    return PromptSegment.positions(segments);
  }

  /** Text ids, the placeholder for every group of audio. */
  public int[] ids(int placeholder) {
    int[] ids = new int[positions()];
    int at = 0;
    for (PromptSegment segment : segments) {
      if (segment instanceof PromptSegment.Text text) {
        System.arraycopy(text.ids(), 0, ids, at, text.positions());
      } else {
        Arrays.fill(ids, at, at + segment.positions(), placeholder);
      }
      at += segment.positions();
    }
    return ids;
  }
}
