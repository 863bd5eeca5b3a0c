package io.antiphon.runtime.detokenizer;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.Histogram;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.Voice;
import io.antiphon.runtime.admission.Calibration;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.LoadWatch;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.Joins;
import io.antiphon.runtime.onnx.NativeCalls;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The detokenizer on threads of its own. The oldest chunk goes first and takes along other streams'
 * chunks of its length. A stream's own chunks go in their order, one a call. Callers wait while the
 * queue is full.
 */
public final class DetokenizerService implements AutoCloseable {
  private static final int MOST_WAITING = 4096;

  /** One chunk of a stream: its ids and what the graphs are given for them. */
  private record Chunk(
      Stream stream, int[] ids, int spoken, boolean last, CompletableFuture<float[]> result) {}

  private final SpeechDecoder decoder;
  private final int codes;
  private final int tokenRate;
  private final int mostStreams;
  private final LoadWatch watch;
  private final Histogram callMillis;
  private final Histogram batchSize;
  private final Consumer<Throwable> onDeath;
  private final List<Thread> threads = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private Throwable end;
  private volatile int waiting;

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
    this.decoder = decoder(bundle, sessions);
    this.codes = bundle.manifest().speechIds().codes();
    this.mostStreams = mostStreams;
    this.tokenRate = bundle.manifest().audio().tokenRate();
    this.watch = watch;
    this.onDeath = onDeath;
    this.callMillis = metrics.histogram("detokenizer.callMillis");
    this.batchSize = metrics.histogram("detokenizer.batchSize");
    metrics.gauge("detokenizer.queueDepth", () -> waiting);
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

  /** Begins to work, on so many threads. */
  public void start(int count) {
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(this::run, "antiphon-detokenizer-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
  }

  /** See {@link io.antiphon.runtime.ModelHost#openDetokenizer}. */
  public DetokenizerSession open(Voice voice) {
    return new Stream(decoder.open(voice));
  }

  /** One answer's stream; its state is a service thread's while a chunk of it is decoded. */
  private final class Stream implements DetokenizerSession {
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
      CompletableFuture<float[]> result = new CompletableFuture<>();
      submit(new Chunk(this, fed, ids.length, last, result));
      return result;
    }

    @Override
    public byte[] carry() {
      lock.lock();
      try {
        requireRest("carry");
        return state.carry();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void restore(byte[] carry) {
      lock.lock();
      try {
        requireRest("restore");
        state.restore(carry);
      } finally {
        lock.unlock();
      }
    }

    private void requireRest(String action) {
      if (underWay > 0) {
        throw new IllegalStateException(action + " with " + underWay + " chunks under way");
      }
    }

    @Override
    public void close() {
      List<Chunk> dropped = new ArrayList<>();
      lock.lock();
      try {
        closed = true;
        chunks.removeIf(chunk -> chunk.stream() == this && dropped.add(chunk));
        room.signalAll();
      } finally {
        lock.unlock();
      }
      dropped.forEach(chunk -> chunk.result().cancel(false));
    }
  }

  private void submit(Chunk chunk) {
    lock.lock();
    try {
      // A thread of the service, in a callback, must not wait for itself.
      while (end == null
          && chunks.size() >= MOST_WAITING
          && !threads.contains(Thread.currentThread())) {
        room.await();
      }
      if (end != null) {
        chunk
            .result()
            .completeExceptionally(new HostClosedException("the model host has ended", end));
      } else if (chunk.stream().closed) {
        chunk
            .result()
            .completeExceptionally(new IllegalStateException("the detokenizer is closed"));
      } else {
        chunk.stream().underWay++;
        chunks.add(chunk);
        waiting = chunks.size();
        work.signal();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      chunk.result().completeExceptionally(e);
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    List<Chunk> batch = new ArrayList<>();
    try (SpeechDecoder.Worker worker = decoder.worker(mostStreams)) {
      while (await(batch)) {
        try (NativeCalls.Call call = NativeCalls.begin()) {
          decode(worker, batch);
        }
        batch.clear();
      }
    } catch (NativeCalls.ProcessEndsException e) {
      batch.forEach(chunk -> chunk.result().completeExceptionally(e));
      fail(e); // the process ends, and nobody needs to hear of a death
    } catch (Throwable e) {
      batch.forEach(chunk -> chunk.result().completeExceptionally(e));
      fail(e);
      onDeath.accept(e);
    }
  }

  /** Takes the oldest chunk that may go and its company; false when the service ends. */
  private boolean await(List<Chunk> batch) throws InterruptedException {
    lock.lock();
    try {
      while (end == null) {
        take(batch);
        if (!batch.isEmpty()) {
          waiting = chunks.size();
          room.signalAll();
          return true;
        }
        work.await();
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void take(List<Chunk> batch) {
    Set<Stream> seen = new HashSet<>();
    Iterator<Chunk> all = chunks.iterator();
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
      lock.lock();
      try {
        chunk.stream().underWay--;
      } finally {
        lock.unlock();
      }
      chunk.result().complete(samples.get(i));
    }
    lock.lock();
    try {
      batch.forEach(chunk -> chunk.stream().decoding = false);
      work.signalAll(); // chunks of these streams were passed over
    } finally {
      lock.unlock();
    }
  }

  /** Ends the service: what waits fails, later calls are refused. */
  public void fail(Throwable reason) {
    List<Chunk> failed;
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      end = reason;
      failed = new ArrayList<>(chunks);
      chunks.clear();
      work.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    HostClosedException ended = new HostClosedException("the model host has ended", reason);
    failed.forEach(chunk -> chunk.result().completeExceptionally(ended));
  }

  @Override
  public void close() {
    fail(new HostClosedException("the model host was closed"));
    Joins.await(threads);
    decoder.close();
  }
}
