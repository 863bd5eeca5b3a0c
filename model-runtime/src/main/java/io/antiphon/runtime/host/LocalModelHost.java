package io.antiphon.runtime.host;

import ai.onnxruntime.OrtException;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.Admission;
import io.antiphon.runtime.AdmissionSettings;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.Device;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.runtime.ThreadPlan;
import io.antiphon.runtime.Voice;
import io.antiphon.runtime.admission.AdmissionController;
import io.antiphon.runtime.admission.Calibration;
import io.antiphon.runtime.admission.CapacityModel;
import io.antiphon.runtime.admission.CostCurve;
import io.antiphon.runtime.admission.HostCosts;
import io.antiphon.runtime.admission.LoadWatch;
import io.antiphon.runtime.detection.SileroDetector;
import io.antiphon.runtime.detokenizer.DetokenizerService;
import io.antiphon.runtime.encoder.EncoderService;
import io.antiphon.runtime.llm.DecodingCosts;
import io.antiphon.runtime.llm.DecodingEngine;
import io.antiphon.runtime.manifest.WeightFiles;
import io.antiphon.runtime.onnx.Closing;
import io.antiphon.runtime.onnx.DirectMemory;
import io.antiphon.runtime.onnx.OnnxSessions;
import io.antiphon.runtime.onnx.UnpackedLibraries;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A host in this process: encoder, response and, where it speaks, detokenizer, each with its
 * thread.
 */
public final class LocalModelHost implements ModelHost {
  private static final Logger LOG = LoggerFactory.getLogger(LocalModelHost.class);

  private final ModelHostSettings settings;
  private final Bundle bundle;
  private final HostMetrics metrics = new HostMetrics();
  private final List<Consumer<Throwable>> failureListeners = new ArrayList<>();

  /** What to fail when one of them dies, in order of start. */
  private final List<Consumer<Throwable>> parts = new CopyOnWriteArrayList<>();

  private final SileroDetector detector;
  private final EncoderService encoder;
  private final DecodingEngine response;
  private final Optional<DetokenizerService> detokenizer;
  private final Admission admission;
  private final Optional<HostCosts> costs;

  /** What is closed, last opened first. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  @GuardedBy("failureListeners")
  private @Nullable Throwable failure;

  public LocalModelHost(ModelHostSettings settings) {
    long begin = System.nanoTime();
    this.settings = settings;
    int cores = Runtime.getRuntime().availableProcessors();
    ThreadPlan threads = settings.threads().on(cores);
    LoadWatch watch = new LoadWatch(threads, cores, metrics);
    this.bundle = Bundle.load(settings.bundle());
    opened.push(bundle);
    try {
      requireFit();
      OnnxSessions sessions =
          new OnnxSessions(settings.device(), settings.intraOpThreads(), settings.spinning());
      this.detector = new SileroDetector(new OnnxSessions(Device.CPU, 1, false));
      opened.push(detector);
      this.encoder =
          new EncoderService(bundle, sessions, settings.encoderWait(), watch, metrics, this::fail);
      opened.push(encoder);
      this.response = new DecodingEngine(bundle, sessions, settings, watch, metrics, this::fail);
      opened.push(response);
      this.detokenizer =
          settings.speech() && bundle.manifest().detokenizer().isPresent()
              ? Optional.of(
                  new DetokenizerService(
                      bundle, sessions, settings.detokenizerBatch(), watch, metrics, this::fail))
              : Optional.empty();
      detokenizer.ifPresent(opened::push);
      long loadedAfter = (System.nanoTime() - begin) / 1_000_000;
      metrics.gauge("load.millis", () -> loadedAfter);
      this.costs = costs();
      this.admission = admission(threads, cores, watch);
    } catch (Throwable e) {
      opened.forEach(part -> Closing.after(e, part));
      throw e;
    }
    if (settings.device().kind() == Device.Kind.CPU) {
      // An accelerator's libraries would be unpacked beside them, when they are first needed.
      UnpackedLibraries.delete("onnxruntime-java");
    }
    parts.add(encoder::fail);
    parts.add(response::fail);
    detokenizer.ifPresent(service -> parts.add(service::fail));
    metrics.gauge("memory.slabBytes", response::slabBytes);
    metrics.gauge("memory.directBytes", () -> DirectMemory.used());
    encoder.start(threads.encoder());
    response.start();
    detokenizer.ifPresent(service -> service.start(threads.detokenizer()));
    LOG.info(
        "bundle {} loaded on {} in {} ms: {} rows x {} positions, slab {} MB; {}",
        bundle.manifest().name(),
        settings.device(),
        (System.nanoTime() - begin) / 1_000_000,
        settings.rows(),
        settings.positionsPerRow(),
        response.slabBytes() >> 20,
        threads);
  }

  private void requireFit() {
    WeightFiles.require(bundle.directory(), bundle.manifest().weights());
    int known = bundle.manifest().sharedLlm().maximumPositions();
    if (settings.positionsPerRow() > known) {
      throw new ConfigurationException(
          "Model host settings",
          List.of(
              "positionsPerRow is "
                  + settings.positionsPerRow()
                  + ", expected at most the model's "
                  + known));
    }
    long rowBytes =
        DecodingEngine.rowBytes(bundle.manifest(), settings.positionsPerRow(), settings.speech());
    bundle
        .manifest()
        .weightsMebibytes()
        .ifPresent(weights -> DirectMemory.requireMachine(weights, settings.rows(), rowBytes));
    if (settings.device().kind() == Device.Kind.CPU) {
      DirectMemory.requireRoom(settings.rows(), rowBytes);
    }
  }

  private Admission admission(ThreadPlan threads, int cores, LoadWatch watch) {
    AdmissionSettings asked = settings.admission();
    int capacity = settings.rows();
    boolean computesHere = settings.device().kind() == Device.Kind.CPU;
    if (costs.isPresent()) {
      HostCosts measured = costs.get();
      CapacityModel model =
          new CapacityModel(
              measured,
              bundle.manifest().audio(),
              threads,
              settings.detokenizerBatch(),
              computesHere ? cores : 0);
      capacity = model.capacity(asked.utilization(), settings.rows());
      LOG.info(
          "room for {} conversations with {} rows, load {}; milliseconds by conversations in a call:"
              + " step {}; encoder window {}; detokenizer {}; prefill of a window {}",
          capacity,
          settings.rows(),
          String.format(Locale.ROOT, "%.2f", model.load(capacity)),
          measured.step(),
          measured.encoder(),
          measured.detokenizer(),
          String.format(Locale.ROOT, "%.2f", measured.prefillMillis()));
      metrics.gauge("calibration.stepMillis", () -> measured.step().at(1));
      metrics.gauge("calibration.encoderMillis", () -> measured.encoder().at(1));
      metrics.gauge("calibration.prefillMillis", measured::prefillMillis);
      CostCurve detokenizerCosts = measured.detokenizer();
      if (detokenizerCosts != null) {
        metrics.gauge("calibration.detokenizerMillis", () -> detokenizerCosts.at(1));
      }
      metrics.gauge("calibration.capacity", () -> model.capacity(asked.utilization(), 4096));
    }
    // An accelerator computes whatever the processor cores are taken by.
    DoubleSupplier free = computesHere ? watch::freeShare : () -> 1;
    return new AdmissionController(
        asked, capacity, watch::load, free, watch::late, System::nanoTime, metrics);
  }

  /** Measures what calls cost where admission wants to know it. */
  private Optional<HostCosts> costs() {
    AdmissionSettings asked = settings.admission();
    if (asked.capacity() != AdmissionSettings.MEASURED || asked.calibration().isZero()) {
      return Optional.empty();
    }
    boolean callerComputes =
        settings.device().kind() == Device.Kind.CPU && settings.intraOpThreads() == 1;
    return Optional.of(calibrate(new Calibration(asked.calibration(), callerComputes)));
  }

  /** Shares of the time by what is most often called. */
  private HostCosts calibrate(Calibration calibration) {
    try {
      DecodingCosts costs = response.calibrate(calibration, 0.5);
      int k = bundle.manifest().audio().groupSize();
      return new HostCosts(
          encoder.calibrate(calibration, 0.2),
          costs.prefillMillis(),
          costs.step(),
          detokenizer.isEmpty() ? null : detokenizer.get().calibrate(calibration, 0.3, k));
    } catch (OrtException e) {
      throw new ConfigurationException(
          "Bundle " + bundle.directory(), List.of("a graph cannot be run: " + e.getMessage()));
    }
  }

  @Override
  public Bundle bundle() {
    return bundle;
  }

  @Override
  public ModelHostSettings settings() {
    return settings;
  }

  @Override
  public CompletableFuture<float[]> encode(float[] mel, int frames) {
    return encoder.encode(mel, frames);
  }

  @Override
  public CompletableFuture<float[]> scoreCharacters(float[] mel, int frames) {
    return encoder.scoreCharacters(mel, frames);
  }

  @Override
  public CompletableFuture<float[]> group(float[] frames, int groups) {
    return encoder.group(frames, groups);
  }

  @Override
  public GenerationSession openResponse(String conversation, boolean speech) {
    return response.open(conversation, speech);
  }

  @Override
  public DetokenizerSession openDetokenizer(Voice voice) {
    return detokenizer.orElseThrow(this::cannotBeHeard).open(voice);
  }

  private IllegalStateException cannotBeHeard() {
    return new IllegalStateException(
        settings.speech()
            ? "bundle " + bundle.directory() + " has no detokenizer, it cannot be heard"
            : DecodingEngine.NO_SPEECH);
  }

  @Override
  public boolean speaks() {
    return detokenizer.isPresent();
  }

  @Override
  public List<String> voices() {
    return detokenizer.map(DetokenizerService::voices).orElse(List.of());
  }

  @Override
  public SpeechDetector speechDetector() {
    return detector;
  }

  /** What calls were measured to cost at the start; absent where nothing was measured. */
  public Optional<HostCosts> measuredCosts() {
    return costs;
  }

  /** For tests: the engine, to take rows away from sessions. */
  public DecodingEngine response() {
    return response;
  }

  @Override
  public void onFailure(Consumer<Throwable> listener) {
    Throwable already;
    synchronized (failureListeners) {
      already = failure;
      if (already == null) {
        failureListeners.add(listener);
      }
    }
    if (already != null) {
      listener.accept(already);
    }
  }

  /** Forgets listeners whose reference was given back. */
  void forget(List<Consumer<Throwable>> listeners) {
    synchronized (failureListeners) {
      failureListeners.removeAll(listeners);
    }
  }

  boolean failed() {
    synchronized (failureListeners) {
      return failure != null;
    }
  }

  /** A thread died: nothing of this host can be trusted to go on. */
  private void fail(Throwable cause) {
    List<Consumer<Throwable>> listeners;
    synchronized (failureListeners) {
      if (failure != null) {
        return;
      }
      failure = cause;
      listeners = List.copyOf(failureListeners);
      failureListeners.clear();
    }
    LOG.error("a thread of the model host for {} died", settings.bundle(), cause);
    parts.forEach(part -> part.accept(cause));
    listeners.forEach(listener -> listener.accept(cause));
  }

  @Override
  public Admission admission() {
    return admission;
  }

  @Override
  public HostMetrics metrics() {
    return metrics;
  }

  @Override
  public long slabBytes() {
    return response.slabBytes();
  }

  /** Stops the threads, last started first. */
  @Override
  public void close() {
    Closing.all(opened, "a part of the model host cannot be closed");
  }
}
