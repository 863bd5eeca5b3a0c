package io.antiphon.runtime.detokenizer;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.Histogram;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.Voice;
import io.antiphon.runtime.admission.Calibration;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.LoadWatch;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.OnnxSessions;
import io.antiphon.runtime.service.BatchingService;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The detokenizer. The oldest chunk goes first and takes along other streams' chunks of its length.
 * A stream's own chunks go in their order, one a call.
 */
public final class DetokenizerService extends BatchingService<DetokenizerService.Chunk> {
  /** One chunk of a stream: its ids and what the graphs are given for them. */
  protected record Chunk(
      Stream stream, int[] ids, int spoken, boolean last, CompletableFuture<float[]> result)
      implements BatchingService.Job {}

  private final SpeechDecoder decoder;
  private final int codes;
  private final int tokenRate;
  private final int mostStreams;
  private final LoadWatch watch;
  private final Histogram callMillis;
  private final Histogram batchSize;

  /**
   * Loads the graph; {@link #start} begins.
   *
   * @param mostStreams most streams in one call
   * @param onDeath called when a thread dies of an error
   */
  public DetokenizerService(
      Bundle bundle,
      OnnxSessions sessions,
      int mostStreams,
      LoadWatch watch,
      HostMetrics metrics,
      Consumer<Throwable> onDeath) {
    super("antiphon-detokenizer", onDeath);
    this.decoder = decoder(bundle, sessions);
    this.codes = bundle.manifest().speechIds().codes();
    this.mostStreams = mostStreams;
    this.tokenRate = bundle.manifest().audio().tokenRate();
    this.watch = watch;
    this.callMillis = metrics.histogram("detokenizer.callMillis");
    this.batchSize = metrics.histogram("detokenizer.batchSize");
    metrics.gauge("detokenizer.queueDepth", this::waiting);
  }

  private static SpeechDecoder decoder(Bundle bundle, OnnxSessions sessions) {
    Manifest.Detokenizer detokenizer = bundle.manifest().detokenizer().orElseThrow();
    if (detokenizer instanceof Manifest.CosyVoice cosyVoice) {
      return CosyVoiceDecoder.open(bundle.directory(), cosyVoice, sessions);
    }
    return new StreamingDecoder(
        sessions.open(bundle.file(Manifest.Graph.DETOKENIZER)),
        (Manifest.StreamingDetokenizer) detokenizer);
  }

  /** See {@link io.antiphon.runtime.ModelHost#voices}. */
  public List<String> voices() {
    return decoder.voices();
  }

  /**
   * Measures chunks, before the start.
   *
   * @param ids of one stream in each call
   */
  public CostCurve calibrate(Calibration calibration, double share, int ids) throws OrtException {
    int whole = decoder.measuredIds(ids);
    try (SpeechDecoder.Worker worker = decoder.worker(mostStreams)) {
      CostCurve curve =
          calibration.curve(
              share,
              mostStreams,
              size -> {
                List<SpeechDecoder.Piece> pieces = new ArrayList<>();
                for (int i = 0; i < size; i++) {
                  SpeechDecoder.Stream stream = decoder.open(Voice.DEFAULT);
                  pieces.add(new SpeechDecoder.Piece(stream, new int[whole], whole, false));
                }
                worker.decode(pieces);
              });
      return curve.times((double) ids / whole);
    }
  }

  /** See {@link io.antiphon.runtime.ModelHost#openDetokenizer}. */
  public DetokenizerSession open(Voice voice) {
    return new Stream(decoder.open(voice));
  }

  /** One answer's stream; its state is a service thread's while a chunk of it is decoded. */
  final class Stream implements DetokenizerSession {
    private final SpeechDecoder.Stream state;
    private int underWay;
    private boolean decoding;
    private boolean closed;

    Stream(SpeechDecoder.Stream state) {
      this.state = state;
    }

    @Override
    public CompletableFuture<float[]> decode(int[] ids, boolean last) {
      for (int id : ids) {
        if (id < 0 || id >= codes) {
          throw new IllegalArgumentException(
              "speech id is " + id + ", expected 0 to " + (codes - 1));
        }
      }
      int[] fed = decoder.fed(ids.clone(), last);
      return submit(new Chunk(this, fed, ids.length, last, new CompletableFuture<>()));
    }

    @Override
    public byte[] carry() {
      return underLock(
          () -> {
            requireRest("carry");
            return state.carry();
          });
    }

    @Override
    public void restore(byte[] carry) {
      underLock(
          () -> {
            requireRest("restore");
            state.restore(carry);
            return null;
          });
    }

    private void requireRest(String action) {
      if (underWay > 0) {
        throw new IllegalStateException(action + " with " + underWay + " chunks under way");
      }
    }

    @Override
    public void close() {
      underLock(() -> closed = true);
      withdraw(chunk -> chunk.stream() == this);
    }
  }

  @Override
  protected void admit(Chunk chunk) {
    if (chunk.stream().closed) {
      throw new IllegalStateException("the detokenizer is closed");
    }
    chunk.stream().underWay++;
  }

  @Override
  protected Computation<Chunk> openComputation() {
    SpeechDecoder.Worker worker = decoder.worker(mostStreams);
    return new Computation<>() {
      @Override
      public void run(List<Chunk> batch) throws OrtException {
        decode(worker, batch);
      }

      @Override
      public void close() {
        worker.close();
      }
    };
  }

  @Override
  protected long take(Deque<Chunk> queue, List<Chunk> batch) {
    Set<Stream> seen = new HashSet<>();
    Iterator<Chunk> all = queue.iterator();
    while (all.hasNext() && batch.size() < mostStreams) {
      Chunk chunk = all.next();
      // Only a stream's first chunk may go, and none while one is decoded: the next one needs the
      // state after it.
      if (!seen.add(chunk.stream()) || chunk.stream().decoding) {
        continue;
      }
      if (batch.isEmpty() || chunk.ids().length == batch.get(0).ids().length) {
        chunk.stream().decoding = true;
        batch.add(chunk);
        all.remove();
      }
    }
    return 0;
  }

  /** Chunks of these streams may go again. */
  @Override
  protected void release(List<Chunk> batch) {
    batch.forEach(chunk -> chunk.stream().decoding = false);
  }

  private void decode(SpeechDecoder.Worker worker, List<Chunk> batch) throws OrtException {
    long begin = System.nanoTime();
    List<float[]> samples =
        worker.decode(
            batch.stream()
                .map(
                    chunk ->
                        new SpeechDecoder.Piece(
                            chunk.stream().state, chunk.ids(), chunk.spoken(), chunk.last()))
                .toList());
    if (batch.get(0).ids().length > 0) {
      long took = System.nanoTime() - begin;
      callMillis.record(took / 1e6);
      batchSize.record(batch.size());
      long ids = batch.stream().mapToLong(Chunk::spoken).sum();
      watch.record(LoadWatch.Part.DETOKENIZER, took, ids * 1e9 / tokenRate);
    }
    for (int i = 0; i < batch.size(); i++) {
      Chunk chunk = batch.get(i);
      underLock(() -> chunk.stream().underWay--);
      chunk.result().complete(samples.get(i));
    }
  }

  @Override
  public void close() {
    super.close();
    decoder.close();
  }
}
