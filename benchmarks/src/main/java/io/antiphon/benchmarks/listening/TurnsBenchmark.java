package io.antiphon.benchmarks.listening;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.benchmarks.Benchmark;
import io.antiphon.benchmarks.BenchmarkException;
import io.antiphon.benchmarks.Recordings;
import io.antiphon.benchmarks.report.Report;
import io.antiphon.client.Percentiles;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.operators.calls.ModelTranscriber;
import io.antiphon.operators.input.SpeechTurnDetector;
import io.antiphon.operators.input.TurnDetector;
import io.antiphon.operators.message.TurnSettings;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.SpeechSegmenter;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.text.TurnEndings;
import io.antiphon.serde.recording.MonoRecording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long callers wait for the end of their turn, and how often it comes too early. */
@Command(
    name = "turns",
    description = {
      "How long a caller who is done waits until the turn ends, and how many callers who hesitate in",
      "mid-sentence are cut off: with one time without speech for all, and where the model judges by",
      "the words. In media time: how busy the machine is makes no difference."
    })
public final class TurnsBenchmark extends Benchmark {
  private static final int PIECE = Recordings.SAMPLE_RATE / 50;
  private static final int QUIET_BEHIND = 6 * Recordings.SAMPLE_RATE;

  @Option(
      names = "--hesitations",
      paramLabel = "DIR",
      required = true,
      description = {
        "Recordings with a place in mid-sentence: a manifest.jsonl with audio, pauseMillis and kind,",
        "made by python -m antiphon.data.hesitations."
      })
  private Path folder;

  @Option(
      names = "--pause",
      paramLabel = "MS",
      split = ",",
      defaultValue = "1000,1500",
      description = "Lengths of the pause put there; ${DEFAULT-VALUE} if not given.")
  private List<Integer> pauses;

  /** A time without speech that ends turns, and another one for unfinished ones or 0. */
  private record Way(String name, int silenceMillis, int unfinishedMillis) {}

  private static final List<Way> WAYS =
      List.of(
          new Way("500 ms", 500, 0),
          new Way("800 ms", 800, 0),
          new Way("1200 ms", 1_200, 0),
          new Way("eagerness high: 300 or 1000 ms", 300, 1_000),
          new Way("eagerness medium, auto: 500 or 2000 ms", 500, 2_000),
          new Way("eagerness low: 1200 or 4000 ms", 1_200, 4_000));

  private record Hesitation(String kind, float[] samples, int pauseAt) {}

  @Override
  public void measure(Report report) throws Exception {
    AgentConfiguration configuration =
        configuration(Map.of("model.admission.calibration", "0ms", "model.encoderWait", "0ms"));
    List<Hesitation> hesitations = read();
    try (ModelHost host = ModelHosts.acquire(configuration.model().hostSettings())) {
      TurnEndings endings =
          host.bundle()
              .turnEndings()
              .orElseThrow(() -> new BenchmarkException("the bundle has no turn endings"));
      report
          .setting("bundle", host.bundle().manifest().name())
          .setting("recordings", hesitations.size())
          .setting("pauses", pauses);
      for (String kind : hesitations.stream().map(Hesitation::kind).distinct().toList()) {
        List<Hesitation> some = hesitations.stream().filter(h -> h.kind().equals(kind)).toList();
        for (Way way : WAYS) {
          row(host, endings, kind, some, way, report);
        }
      }
    }
  }

  private void row(
      ModelHost host,
      TurnEndings endings,
      String kind,
      List<Hesitation> hesitations,
      Way way,
      Report report) {
    Map<String, Object> row = Report.row("callers", kind, "ends after", way.name());
    List<Double> waits = new ArrayList<>();
    for (Hesitation each : hesitations) {
      List<Integer> ends = ends(host, endings, each.samples(), way);
      waits.add(1000.0 * (ends.get(ends.size() - 1) - each.samples().length) / 16_000);
    }
    row.put("wait p50 ms", Percentiles.percentile(waits, 0.5));
    row.put("wait p95 ms", Percentiles.percentile(waits, 0.95));
    for (int pause : pauses) {
      int cut = 0;
      for (Hesitation each : hesitations) {
        float[] samples = each.samples();
        int quiet = pause * (Recordings.SAMPLE_RATE / 1000);
        float[] hesitating = new float[samples.length + quiet];
        System.arraycopy(samples, 0, hesitating, 0, each.pauseAt());
        System.arraycopy(
            samples,
            each.pauseAt(),
            hesitating,
            each.pauseAt() + quiet,
            samples.length - each.pauseAt());
        cut += ends(host, endings, hesitating, way).get(0) < hesitating.length ? 1 : 0;
      }
      row.put("cut by " + pause + " ms %", 100.0 * cut / hesitations.size());
    }
    report.row("Waiting of callers who are done, and callers cut off in mid-sentence", row);
  }

  /** Samples that had been heard when each turn ended. */
  private static List<Integer> ends(ModelHost host, TurnEndings endings, float[] speech, Way way) {
    SpeechTurnDetector detector =
        new SpeechTurnDetector(
            host.speechDetector(),
            new TurnSettings(
                TurnSettings.Type.SPEECH,
                way.silenceMillis(),
                SpeechSegmenter.DEFAULT_THRESHOLD,
                300,
                false,
                true,
                0,
                way.unfinishedMillis()),
            Duration.ZERO);
    ModelTranscriber transcriber = new ModelTranscriber(host);
    float[] heard = Arrays.copyOf(speech, speech.length + QUIET_BEHIND);
    List<Integer> ends = new ArrayList<>();
    int[] at = {0};
    TurnDetector.Listener listener =
        new TurnDetector.Listener() {
          @Override
          public void speechStarted(long millis) {}

          @Override
          public void speechLasted() {}

          @Override
          public void speech(float[] samples) {}

          @Override
          public void quiet(long millis) {}

          @Override
          public void paused(float[] turn) {}

          @Override
          public void speechStopped(long millis) {}

          @Override
          public void turnEnded(long beganMillis, long millis) {
            ends.add(at[0]);
          }
        };
    while (at[0] < heard.length) {
      int end = Math.min(heard.length, at[0] + PIECE);
      float[] piece = Arrays.copyOfRange(heard, at[0], end);
      at[0] = end;
      detector.append(piece, listener);
      while (detector.judging()) {
        String text = transcriber.text("turns", detector.turn()).join();
        detector.judged(endings.finished(text), listener);
      }
    }
    if (ends.isEmpty()) {
      ends.add(heard.length); // nothing was taken for speech
    }
    return ends;
  }

  private List<Hesitation> read() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<Hesitation> hesitations = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("manifest.jsonl"))) {
      JsonNode sample = json.readTree(line);
      float[] samples =
          MonoRecording.read(folder.resolve(sample.path("audio").asText()))
              .samplesAt(Recordings.SAMPLE_RATE);
      hesitations.add(
          new Hesitation(
              sample.path("kind").asText(),
              samples,
              sample.path("pauseMillis").asInt() * (Recordings.SAMPLE_RATE / 1000)));
    }
    if (hesitations.isEmpty()) {
      throw new BenchmarkException(folder + "/manifest.jsonl is empty");
    }
    return hesitations;
  }
}
