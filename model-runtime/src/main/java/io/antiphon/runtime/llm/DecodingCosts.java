package io.antiphon.runtime.llm;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.admission.Calibration;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.manifest.Manifest;

/**
 * What the response engine's calls cost, in milliseconds.
 *
 * @param prefillMillis the groups of one encoder window
 * @param prefillPositions their number
 * @param step one position, spoken where the host speaks, by rows
 */
public record DecodingCosts(double prefillMillis, int prefillPositions, CostCurve step) {
  /** So much of an answer has been given when it is measured. */
  private static final int ANSWER_POSITIONS = 25;

  /**
   * Measures with the bundle's default sampling. What the calls leave in the rows is overwritten by
   * whoever gets them.
   *
   * @param share of the calibration's time
   */
  static DecodingCosts measure(
      DecodingGraphs models, Manifest manifest, int rows, Calibration calibration, double share)
      throws OrtException {
    Manifest.Audio audio = manifest.audio();
    int groups =
        Math.max(
            2,
            audio.windowFrames()
                * audio.hopLength()
                / audio.sampleRate()
                * audio.tokenRate()
                / audio.groupSize());
    // Rows that are half full, as they are after some turns: attention then takes most of a step.
    int past = models.positions() / 2;
    Manifest.SamplingDefaults defaults = manifest.sampling();
    int headPast = past - new SlidingWindow(manifest).begin(Math.max(0, past - ANSWER_POSITIONS));
    StepTensors tensors = models.tensors();
    for (int row = 0; row < rows; row++) {
      tensors.position(row, 0, past, headPast);
      tensors.speech(row, new int[audio.groupSize()], 0);
      tensors.sampling(row, defaults.text(), defaults.speech());
    }
    boolean speech = models.speech();
    StepGraph step =
        models.step(speech, defaults.text().greedy() && (!speech || defaults.speech().greedy()));
    CostCurve steps = calibration.curve(share * 0.8, rows, size -> step.run(0, size));
    PrefillGraph prefill = models.prefill(speech);
    for (int i = 0; i < groups; i++) {
      prefill.text(i, 0);
    }
    double prefillMillis =
        calibration.millis(share * 0.2, () -> prefill.run(0, past, headPast, groups));
    return new DecodingCosts(prefillMillis, groups, steps);
  }
}
