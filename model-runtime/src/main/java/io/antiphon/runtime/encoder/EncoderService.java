package io.antiphon.runtime.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.Histogram;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.admission.Calibration;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.LoadWatch;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.Closing;
import io.antiphon.runtime.onnx.Joins;
import io.antiphon.runtime.onnx.NativeCalls;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Speech encoder and grouping on threads of their own. Whole windows of several callers share a
 * call, for which the first waits a bounded time; an utterance's last, shorter window and groupings
 * go at once, because an answer waits for them. Callers wait while the queue is full.
 */
public final class EncoderService implements AutoCloseable {
  private static final int MOST_WINDOWS = 8;
  private static final int MOST_WAITING = 4096;

  private record Window(float[] mel, int frames, long since, CompletableFuture<float[]> result) {}

  private record Grouping(float[] frames, int groups, CompletableFuture<float[]> result) {}

  private final Manifest.Audio audio;
  private final int hiddenSize;
  private final OrtSession encoder;
  private final OrtSession grouping;
  private final long waitNanos;
  private final LoadWatch watch;
  private final Histogram encodeMillis;
  private final Histogram batchSize;
  private final Consumer<Throwable> onDeath;
  private final List<Thread> threads = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Deque<Window> windows = new ArrayDeque<>();
  private final Deque<Grouping> groupings = new ArrayDeque<>();
  private Throwable end;
  private volatile int waiting;

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
    this.audio = bundle.manifest().audio();
    this.hiddenSize = bundle.manifest().sharedLlm().hiddenSize();
    this.encoder = sessions.open(bundle.file(Manifest.Graph.ENCODER));
    try {
      this.grouping = sessions.open(bundle.file(Manifest.Graph.GROUPING));
    } catch (RuntimeException e) {
      Closing.after(e, encoder);
      throw e;
    }
    this.waitNanos = wait.toNanos();
    this.watch = watch;
    this.onDeath = onDeath;
    this.encodeMillis = metrics.histogram("encoder.callMillis");
    this.batchSize = metrics.histogram("encoder.batchSize");
    metrics.gauge("encoder.queueDepth", () -> waiting);
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

  /** Begins to work, on so many threads. */
  public void start(int count) {
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(this::run, "antiphon-encoder-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
  }

  /** See {@link io.antiphon.runtime.ModelHost#encode}. */
  public CompletableFuture<float[]> encode(float[] mel, int frames) {
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
    CompletableFuture<float[]> result = new CompletableFuture<>();
    submit(() -> windows.add(new Window(mel, frames, System.nanoTime(), result)), result);
    return result;
  }

  /** See {@link io.antiphon.runtime.ModelHost#group}. */
  public CompletableFuture<float[]> group(float[] frames, int groups) {
    int expected = groups * audio.groupSize() * hiddenSize;
    if (groups < 0 || frames.length != expected) {
      throw new IllegalArgumentException(
          groups + " groups have " + frames.length + " values, expected " + expected);
    }
    CompletableFuture<float[]> result = new CompletableFuture<>();
    if (groups == 0) {
      result.complete(new float[0]);
      return result;
    }
    submit(() -> groupings.add(new Grouping(frames, groups, result)), result);
    return result;
  }

  private void submit(Runnable add, CompletableFuture<float[]> result) {
    lock.lock();
    try {
      // The service's own thread, in a callback, must not wait for itself.
      while (end == null
          && windows.size() + groupings.size() >= MOST_WAITING
          && !threads.contains(Thread.currentThread())) {
        room.await();
      }
      if (end != null) {
        result.completeExceptionally(new HostClosedException("the model host has ended", end));
      } else {
        add.run();
        waiting = windows.size() + groupings.size();
        work.signal();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      result.completeExceptionally(e);
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    FloatBuffer melBuffer = melBuffer();
    List<Window> batch = new ArrayList<>();
    List<Grouping> groups = new ArrayList<>();
    try {
      while (await(batch, groups)) {
        try (NativeCalls.Call call = NativeCalls.begin()) {
          if (!groups.isEmpty()) {
            group(groups);
          }
          if (!batch.isEmpty()) {
            encode(batch, melBuffer);
          }
        }
        batch.clear();
        groups.clear();
      }
    } catch (NativeCalls.ProcessEndsException e) {
      batch.forEach(window -> window.result().completeExceptionally(e));
      groups.forEach(group -> group.result().completeExceptionally(e));
      fail(e); // the process ends, and nobody needs to hear of a death
    } catch (Throwable e) {
      batch.forEach(window -> window.result().completeExceptionally(e));
      groups.forEach(group -> group.result().completeExceptionally(e));
      fail(e);
      onDeath.accept(e);
    }
  }

  /** Takes what is to be computed now; false when the service ends. */
  private boolean await(List<Window> batch, List<Grouping> groups) throws InterruptedException {
    lock.lock();
    try {
      while (end == null) {
        groups.addAll(groupings);
        groupings.clear();
        long patience = take(batch);
        waiting = windows.size() + groupings.size();
        if (!batch.isEmpty() || !groups.isEmpty()) {
          room.signalAll();
          return true;
        }
        if (patience > 0) {
          work.await(patience, TimeUnit.NANOSECONDS);
        } else {
          work.await();
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Fills the batch from the queue, or says how long the first whole window still waits for
   * company.
   */
  private long take(List<Window> batch) {
    if (windows.isEmpty()) {
      return 0;
    }
    int frames = windows.peek().frames();
    int whole = 0;
    for (Window window : windows) {
      whole += window.frames() == audio.windowFrames() ? 1 : 0;
      if (window.frames() < audio.windowFrames()) {
        frames = window.frames();
        break;
      }
    }
    long patience = waitNanos - (System.nanoTime() - windows.peek().since());
    if (frames == audio.windowFrames() && whole < MOST_WINDOWS && patience > 0) {
      return patience;
    }
    Iterator<Window> waitingWindows = windows.iterator();
    while (waitingWindows.hasNext() && batch.size() < MOST_WINDOWS) {
      Window window = waitingWindows.next();
      if (window.frames() == frames) {
        batch.add(window);
        waitingWindows.remove();
      }
    }
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

  /** Ends the service: what waits fails, later calls are refused. */
  public void fail(Throwable reason) {
    List<CompletableFuture<float[]>> failed = new ArrayList<>();
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      end = reason;
      windows.forEach(window -> failed.add(window.result()));
      groupings.forEach(group -> failed.add(group.result()));
      windows.clear();
      groupings.clear();
      work.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    HostClosedException ended = new HostClosedException("the model host has ended", reason);
    failed.forEach(result -> result.completeExceptionally(ended));
  }

  @Override
  public void close() {
    fail(new HostClosedException("the model host was closed"));
    Joins.await(threads);
    try {
      grouping.close();
      encoder.close();
    } catch (OrtException e) {
      throw new IllegalStateException("an encoder graph cannot be closed", e);
    }
  }
}
