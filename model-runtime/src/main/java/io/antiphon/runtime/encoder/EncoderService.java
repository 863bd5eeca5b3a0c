package io.antiphon.runtime.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.Histogram;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.admission.Calibration;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.LoadWatch;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.Closing;
import io.antiphon.runtime.onnx.OnnxSessions;
import io.antiphon.runtime.service.BatchingService;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Speech encoder, grouping and the scores of characters. Whole windows of several callers share a
 * call, for which the first waits a bounded time; an utterance's last, shorter window and groupings
 * go at once, because an answer waits for them. Scores are asked for behind a text that is there
 * already and come last, one window a call.
 */
public final class EncoderService extends BatchingService<EncoderService.EncoderJob> {
  private static final int MOST_WINDOWS = 8;

  /** A window to encode, frames to group or a window whose characters are scored. */
  protected sealed interface EncoderJob extends BatchingService.Job {}

  private record Window(float[] mel, int frames, long since, CompletableFuture<float[]> result)
      implements EncoderJob {}

  private record Grouping(float[] frames, int groups, CompletableFuture<float[]> result)
      implements EncoderJob {}

  private record Scoring(float[] mel, int frames, CompletableFuture<float[]> result)
      implements EncoderJob {}

  private final Manifest.Audio audio;
  private final int hiddenSize;
  private final OrtSession encoder;
  private final OrtSession grouping;
  private final Optional<OrtSession> wordTimes;
  private final long waitNanos;
  private final LoadWatch watch;
  private final Histogram encodeMillis;
  private final Histogram batchSize;
  private final List<OrtSession> opened = new ArrayList<>();

  /**
   * Loads the graphs; {@link #start} begins.
   *
   * @param wait longest time that a whole window waits for company
   * @param onDeath called when a thread dies of an error
   */
  public EncoderService(
      Bundle bundle,
      OnnxSessions sessions,
      Duration wait,
      LoadWatch watch,
      HostMetrics metrics,
      Consumer<Throwable> onDeath) {
    super("antiphon-encoder", onDeath);
    this.audio = bundle.manifest().audio();
    this.hiddenSize = bundle.manifest().sharedLlm().hiddenSize();
    this.encoder = sessions.open(bundle.file(Manifest.Graph.ENCODER));
    opened.add(encoder);
    try {
      this.grouping = sessions.open(bundle.file(Manifest.Graph.GROUPING));
      opened.add(grouping);
      this.wordTimes =
          bundle
              .manifest()
              .wordTimes()
              .map(scores -> sessions.open(bundle.file(Manifest.Graph.WORD_TIMES)));
      wordTimes.ifPresent(opened::add);
    } catch (RuntimeException e) {
      opened.forEach(graph -> Closing.after(e, graph));
      throw e;
    }
    this.waitNanos = wait.toNanos();
    this.watch = watch;
    this.encodeMillis = metrics.histogram("encoder.callMillis");
    this.batchSize = metrics.histogram("encoder.batchSize");
    metrics.gauge("encoder.queueDepth", this::waiting);
  }

  /** Measures whole windows, before the start. */
  public CostCurve calibrate(Calibration calibration, double share) throws OrtException {
    FloatBuffer mel = melBuffer();
    return calibration.curve(
        share,
        MOST_WINDOWS,
        size -> {
          mel.clear().limit(size * audio.melBins() * audio.windowFrames());
          long[] shape = {size, audio.melBins(), audio.windowFrames()};
          run(encoder, "mel", mel, shape, "frames");
        });
  }

  /** See {@link io.antiphon.runtime.ModelHost#encode}. */
  public CompletableFuture<float[]> encode(float[] mel, int frames) {
    requireWindow(mel, frames);
    return submit(new Window(mel, frames, System.nanoTime(), new CompletableFuture<>()));
  }

  /** See {@link io.antiphon.runtime.ModelHost#scoreCharacters}. */
  public CompletableFuture<float[]> scoreCharacters(float[] mel, int frames) {
    if (wordTimes.isEmpty()) {
      throw new IllegalStateException("the bundle has no graph wordTimes, it cannot time words");
    }
    requireWindow(mel, frames);
    return submit(new Scoring(mel, frames, new CompletableFuture<>()));
  }

  private void requireWindow(float[] mel, int frames) {
    if (frames < 1 || frames > audio.windowFrames() || mel.length != frames * audio.melBins()) {
      throw new IllegalArgumentException(
          "a window of "
              + frames
              + " frames has "
              + mel.length
              + " values, expected 1 to "
              + audio.windowFrames()
              + " frames of "
              + audio.melBins());
    }
  }

  /** See {@link io.antiphon.runtime.ModelHost#group}. */
  public CompletableFuture<float[]> group(float[] frames, int groups) {
    int expected = groups * audio.groupSize() * hiddenSize;
    if (groups < 0 || frames.length != expected) {
      throw new IllegalArgumentException(
          groups + " groups have " + frames.length + " values, expected " + expected);
    }
    if (groups == 0) {
      return CompletableFuture.completedFuture(new float[0]);
    }
    return submit(new Grouping(frames, groups, new CompletableFuture<>()));
  }

  @Override
  protected Computation<EncoderJob> openComputation() {
    FloatBuffer melBuffer = melBuffer();
    return batch -> {
      List<Window> windows = new ArrayList<>();
      List<Grouping> groupings = new ArrayList<>();
      List<Scoring> scorings = new ArrayList<>();
      for (EncoderJob job : batch) {
        if (job instanceof Window window) {
          windows.add(window);
        } else if (job instanceof Grouping grouping) {
          groupings.add(grouping);
        } else {
          scorings.add((Scoring) job);
        }
      }
      if (!groupings.isEmpty()) {
        group(groupings);
      }
      if (!windows.isEmpty()) {
        encode(windows, melBuffer);
      }
      for (Scoring scoring : scorings) {
        score(scoring, melBuffer);
      }
    };
  }

  /**
   * All groupings, and the windows that need not wait any longer; a window to score where nothing
   * else is to be done.
   */
  @Override
  protected long take(Deque<EncoderJob> queue, List<EncoderJob> batch) {
    queue.removeIf(job -> job instanceof Grouping && batch.add(job));
    List<Window> waiting =
        queue.stream().filter(Window.class::isInstance).map(Window.class::cast).toList();
    long patience = waiting.isEmpty() ? 0 : take(waiting, queue, batch);
    if (batch.isEmpty() && queue.size() > waiting.size()) {
      EncoderJob scoring = queue.stream().filter(Scoring.class::isInstance).findFirst().get();
      queue.remove(scoring);
      batch.add(scoring);
      return 0;
    }
    return patience;
  }

  /** The windows that need not wait any longer, or how long the first one can. */
  private long take(List<Window> waiting, Deque<EncoderJob> queue, List<EncoderJob> batch) {
    Window first = waiting.get(0);
    int frames = first.frames();
    int whole = 0;
    for (Window window : waiting) {
      int length = window.frames();
      if (length < audio.windowFrames()) {
        frames = length;
        break;
      }
      whole++;
    }
    long patience = waitNanos - (System.nanoTime() - first.since());
    if (frames == audio.windowFrames() && whole < MOST_WINDOWS && patience > 0) {
      return patience;
    }
    int length = frames;
    waiting.stream()
        .filter(window -> window.frames() == length)
        .limit(MOST_WINDOWS)
        .forEach(
            window -> {
              batch.add(window);
              queue.remove(window);
            });
    return 0;
  }

  private void encode(List<Window> batch, FloatBuffer melBuffer) throws OrtException {
    long begin = System.nanoTime();
    batch.forEach(window -> watch.waited(begin - window.since()));
    int frames = batch.get(0).frames();
    melBuffer.clear();
    batch.forEach(window -> melBuffer.put(window.mel()));
    melBuffer.flip();
    long[] shape = {batch.size(), audio.melBins(), frames};
    float[] all = run(encoder, "mel", melBuffer, shape, "frames");
    long took = System.nanoTime() - begin;
    encodeMillis.record(took / 1e6);
    batchSize.record(batch.size());
    double hops = (double) batch.size() * frames * audio.hopLength();
    watch.record(LoadWatch.Part.ENCODER, took, hops / audio.sampleRate() * 1e9);
    int size = all.length / batch.size();
    for (int i = 0; i < batch.size(); i++) {
      float[] own = new float[size];
      System.arraycopy(all, i * size, own, 0, size);
      batch.get(i).result().complete(own);
    }
  }

  private void score(Scoring scoring, FloatBuffer melBuffer) throws OrtException {
    long begin = System.nanoTime();
    melBuffer.clear();
    melBuffer.put(scoring.mel()).flip();
    long[] shape = {1, audio.melBins(), scoring.frames()};
    float[] scores = run(wordTimes.orElseThrow(), "mel", melBuffer, shape, "characters");
    watch.record(LoadWatch.Part.ENCODER, System.nanoTime() - begin, 0);
    scoring.result().complete(scores);
  }

  private void group(List<Grouping> batch) throws OrtException {
    long begin = System.nanoTime();
    int groups = batch.stream().mapToInt(Grouping::groups).sum();
    FloatBuffer frames = direct(groups * audio.groupSize() * hiddenSize);
    batch.forEach(grouping -> frames.put(grouping.frames()));
    frames.flip();
    long[] shape = {groups, audio.groupSize(), hiddenSize};
    float[] all = run(grouping, "frames", frames, shape, "groups");
    watch.record(LoadWatch.Part.ENCODER, System.nanoTime() - begin, 0);
    int offset = 0;
    for (Grouping grouping : batch) {
      float[] own = new float[grouping.groups() * hiddenSize];
      System.arraycopy(all, offset, own, 0, own.length);
      offset += own.length;
      grouping.result().complete(own);
    }
  }

  private static float[] run(
      OrtSession session, String input, FloatBuffer values, long[] shape, String output)
      throws OrtException {
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), values, shape);
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      FloatBuffer buffer = ((OnnxTensor) result.get(output).orElseThrow()).getFloatBuffer();
      float[] all = new float[buffer.remaining()];
      buffer.get(all);
      return all;
    }
  }

  private FloatBuffer melBuffer() {
    return direct(MOST_WINDOWS * audio.melBins() * audio.windowFrames());
  }

  private static FloatBuffer direct(int values) {
    return ByteBuffer.allocateDirect(values * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  @Override
  public void close() {
    super.close();
    List<OrtSession> lastFirst = new ArrayList<>(opened);
    Collections.reverse(lastFirst);
    Closing.all(lastFirst, "an encoder graph cannot be closed");
  }
}
