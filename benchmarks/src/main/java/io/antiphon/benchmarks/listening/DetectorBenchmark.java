package io.antiphon.benchmarks.listening;

import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.Recordings;
import io.antiphon.benchmarks.report.CpuTime;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.runtime.SpeechSegmenter;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelWindow;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The price of the speech detector, and what it takes for speech. */
@Command(
    name = "detector",
    description = {
      "CpuTime time of the speech detector beside that of the speech encoder for the same audio, and what the",
      "detector takes for speech: noises, tones, music, voices."
    })
public final class DetectorBenchmark extends Benchmark {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int QUIET_MILLIS = 500;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "60",
      description = "Length of each sound; ${DEFAULT-VALUE} if not given.")
  private double seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often the ways take turns; ${DEFAULT-VALUE} if not given.")
  private int rounds;

  @Override
  public void measure(Report report) throws Exception {
    AgentConfiguration configuration =
        configuration(Map.of("model.admission.calibration", "0ms", "model.encoderWait", "0ms"));
    try (ModelHost host = ModelHosts.acquire(configuration.model().hostSettings())) {
      report
          .setting("bundle", host.bundle().manifest().name())
          .setting("seconds", seconds)
          .setting("quietMillis", QUIET_MILLIS)
          .setting("rounds", rounds);
      Sounds sounds = new Sounds(recordings(), seconds);
      costs(host, sounds.speech(), report);
      sounds.withoutSpeech().forEach((name, sound) -> found(host, name, sound, report));
      sounds.withSpeech().forEach((name, sound) -> found(host, name, sound, report));
    }
  }

  private void costs(ModelHost host, float[] speech, Report report) {
    SpeechDetector detector = host.speechDetector();
    List<Double> encoder = new ArrayList<>();
    for (int i = 0; i <= rounds; i++) {
      encoder.add(encoderMillis(host, speech));
    }
    encoder.remove(0); // warmed up
    double beside = Percentiles.median(encoder);
    for (int millis : new int[] {20, 32, 100}) {
      List<float[]> pieces = Sounds.pieces(speech, Recordings.SAMPLE_RATE * millis / 1000);
      List<Double> times = new ArrayList<>();
      for (int i = 0; i <= rounds; i++) {
        times.add(detectorMillis(detector, pieces));
      }
      times.remove(0);
      double alone = Percentiles.median(times);
      report.ratio(
          "work of the detector / work of the encoder, records of " + millis + " ms",
          alone / beside);
      report.row(
          "CpuTime milliseconds for a second of audio (median)",
          Report.row(
              "record",
              millis + " ms",
              "detector",
              alone,
              "encoder",
              beside,
              "share of a core %",
              alone / 10,
              "conversations a core",
              Math.floor(1000 / alone)));
    }
    SpeechDetector.Stream stream = detector.open();
    stream.append(Arrays.copyOf(speech, SpeechDetector.WINDOW - 1));
    report.note(
        "State of a conversation: at most "
            + stream.state().length * Float.BYTES
            + " bytes, of which the unfinished window has "
            + (SpeechDetector.WINDOW - 1) * Float.BYTES
            + ".");
  }

  private double detectorMillis(SpeechDetector detector, List<float[]> pieces) {
    SpeechDetector.Stream stream = detector.open();
    long before = THREADS.getCurrentThreadCpuTime();
    pieces.forEach(stream::append);
    return (THREADS.getCurrentThreadCpuTime() - before) / 1e6 / seconds;
  }

  /** Log-mel on this thread, windows on the encoder's. */
  private double encoderMillis(ModelHost host, float[] speech) {
    double before = CpuTime.secondsByWork().getOrDefault("model: encoder", 0.0);
    LogMel mel = host.bundle().logMel();
    List<MelWindow> windows = new ArrayList<>(mel.append(speech));
    windows.addAll(mel.finish());
    for (MelWindow window : windows) {
      CompletableFuture<float[]> encoded = host.encode(window.mel(), window.frames());
      encoded.join();
    }
    double after = CpuTime.secondsByWork().getOrDefault("model: encoder", 0.0);
    return 1000 * (after - before) / seconds;
  }

  private void found(ModelHost host, String name, float[] sound, Report report) {
    float[] probabilities = host.speechDetector().open().append(sound);
    SpeechSegmenter segmenter =
        new SpeechSegmenter(SpeechSegmenter.DEFAULT_THRESHOLD, QUIET_MILLIS);
    int likely = 0;
    int segments = 0;
    double most = 0;
    for (float probability : probabilities) {
      likely += probability >= SpeechSegmenter.DEFAULT_THRESHOLD ? 1 : 0;
      segments += segmenter.append(probability) == SpeechSegmenter.Change.BEGAN ? 1 : 0;
      most = Math.max(most, probability);
    }
    report.row(
        "Taken for speech, of " + Report.number(seconds) + " s each",
        Report.row(
            "sound",
            name,
            "windows %",
            100.0 * likely / probabilities.length,
            "stretches",
            segments,
            "highest probability",
            most));
  }
}
