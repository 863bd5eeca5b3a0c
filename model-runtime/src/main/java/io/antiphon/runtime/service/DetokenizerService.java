package io.antiphon.runtime.service;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.Histogram;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.Manifest;
import io.antiphon.runtime.graph.OnnxSessions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
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
 * The detokenizer on one thread. The oldest chunk goes first and takes along other streams' chunks
 * of its length. A stream's own chunks go in their order, one a call.
 */
public final class DetokenizerService implements AutoCloseable {
  private static final int MOST_WAITING = 16384;

  /** One chunk of a stream: its ids and, at the answer's end, those that flush the look-ahead. */
  private record Chunk(
      Stream stream, int[] ids, int spoken, boolean last, CompletableFuture<float[]> result) {}

  private final Manifest.Detokenizer detokenizer;
  private final int codes;
  private final int mostStreams;
  private final DetokenizerGraph graph;
  private final Histogram callMillis;
  private final Histogram batchSize;
  private final Consumer<Throwable> onDeath;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private Throwable end;
  private volatile int waiting;

  /**
   * @param mostStreams most streams in one call
   * @param onDeath called once when the thread dies of an error
   */
  public DetokenizerService(
      Bundle bundle,
      OnnxSessions sessions,
      int mostStreams,
      HostMetrics metrics,
      Consumer<Throwable> onDeath) {
    this.detokenizer = bundle.manifest().detokenizer().orElseThrow();
    this.codes = bundle.manifest().speechIds().codes();
    this.mostStreams = mostStreams;
    this.graph =
        new DetokenizerGraph(
            sessions.open(bundle.file(Manifest.Graph.DETOKENIZER)), detokenizer, mostStreams);
    this.onDeath = onDeath;
    this.callMillis = metrics.histogram("detokenizer.callMillis");
    this.batchSize = metrics.histogram("detokenizer.batchSize");
    metrics.gauge("detokenizer.queueDepth", () -> waiting);
    this.thread = new Thread(this::run, "antiphon-detokenizer");
    thread.setDaemon(true);
    thread.start();
  }

  /** See {@link io.antiphon.runtime.ModelHost#openDetokenizer}. */
  public DetokenizerSession open() {
    return new Stream();
  }

  /** One answer's stream; its state is the service thread's while a chunk is under way. */
  private final class Stream implements DetokenizerSession {
    private final DetokenizerState state = new DetokenizerState(detokenizer.states());
    private int underWay;
    private boolean closed;

    @Override
    public CompletableFuture<float[]> decode(int[] ids, boolean last) {
      for (int id : ids) {
        if (id < 0 || id >= codes) {
          throw new IllegalArgumentException(
              "speech id is " + id + ", expected 0 to " + (codes - 1));
        }
      }
      int[] fed = ids.clone();
      if (last) {
        fed = Arrays.copyOf(ids, ids.length + detokenizer.flushTokens());
        Arrays.fill(fed, ids.length, fed.length, detokenizer.flushId());
      }
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
      } finally {
        lock.unlock();
      }
      dropped.forEach(chunk -> chunk.result().cancel(false));
    }
  }

  private void submit(Chunk chunk) {
    lock.lock();
    try {
      if (end != null) {
        chunk
            .result()
            .completeExceptionally(new HostClosedException("the model host has ended", end));
      } else if (chunk.stream().closed) {
        chunk
            .result()
            .completeExceptionally(new IllegalStateException("the detokenizer is closed"));
      } else if (chunks.size() >= MOST_WAITING) {
        chunk
            .result()
            .completeExceptionally(
                new IllegalStateException("the detokenizer's queue is full: " + MOST_WAITING));
      } else {
        chunk.stream().underWay++;
        chunks.add(chunk);
        waiting = chunks.size();
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    List<Chunk> batch = new ArrayList<>();
    try {
      while (await(batch)) {
        decode(batch);
        batch.clear();
      }
    } catch (Throwable e) {
      batch.forEach(chunk -> chunk.result().completeExceptionally(e));
      fail(e);
      onDeath.accept(e);
    }
  }

  /** Takes the oldest chunk and its company; false when the service ends. */
  private boolean await(List<Chunk> batch) throws InterruptedException {
    lock.lock();
    try {
      while (end == null && chunks.isEmpty()) {
        work.await();
      }
      if (end != null) {
        return false;
      }
      int length = chunks.peek().ids().length;
      Set<Stream> seen = new HashSet<>();
      Iterator<Chunk> all = chunks.iterator();
      while (all.hasNext() && batch.size() < mostStreams) {
        Chunk chunk = all.next();
        // Only a stream's first chunk may go: the next one needs the state after it.
        if (seen.add(chunk.stream()) && chunk.ids().length == length) {
          batch.add(chunk);
          all.remove();
        }
      }
      waiting = chunks.size();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void decode(List<Chunk> batch) throws OrtException {
    long begin = System.nanoTime();
    List<float[]> samples;
    if (batch.get(0).ids().length == 0) {
      samples = batch.stream().map(chunk -> new float[0]).toList();
    } else {
      samples =
          graph.run(
              batch.stream().map(Chunk::ids).toList(),
              batch.stream().map(chunk -> chunk.stream().state).toList());
      callMillis.record((System.nanoTime() - begin) / 1e6);
      batchSize.record(batch.size());
    }
    for (int i = 0; i < batch.size(); i++) {
      Chunk chunk = batch.get(i);
      float[] own = cut(chunk, samples.get(i));
      lock.lock();
      try {
        chunk.stream().underWay--;
      } finally {
        lock.unlock();
      }
      chunk.result().complete(own);
    }
  }

  /** Drops what lies before the answer's beginning and behind its end. */
  private float[] cut(Chunk chunk, float[] samples) {
    DetokenizerState state = chunk.stream().state;
    long begin = state.samples;
    state.ids += chunk.spoken();
    state.samples += samples.length;
    long length = state.ids * detokenizer.samplesPerToken();
    long first = Math.max(0, detokenizer.delaySamples() - begin);
    long behind = Math.min(samples.length, detokenizer.delaySamples() + length - begin);
    if (chunk.last()) {
      state.reset();
    }
    return first >= behind ? new float[0] : Arrays.copyOfRange(samples, (int) first, (int) behind);
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
      work.signal();
    } finally {
      lock.unlock();
    }
    HostClosedException ended = new HostClosedException("the model host has ended", reason);
    failed.forEach(chunk -> chunk.result().completeExceptionally(ended));
  }

  @Override
  public void close() {
    fail(new HostClosedException("the model host was closed"));
    try {
      thread.join();
      graph.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the graph stays open for the call that may still run
    } catch (OrtException e) {
      throw new IllegalStateException("the detokenizer graph cannot be closed", e);
    }
  }
}
