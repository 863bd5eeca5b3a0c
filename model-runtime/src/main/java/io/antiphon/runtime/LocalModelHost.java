package io.antiphon.runtime;

import io.antiphon.runtime.graph.OnnxSessions;
import io.antiphon.runtime.response.ResponseEngine;
import io.antiphon.runtime.service.DetokenizerService;
import io.antiphon.runtime.service.EncoderService;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A host in this process: encoder, response and detokenizer, each with its thread. */
final class LocalModelHost implements ModelHost {
  private static final Logger LOG = LoggerFactory.getLogger(LocalModelHost.class);

  private final ModelHostSettings settings;
  private final Bundle bundle;
  private final HostMetrics metrics = new HostMetrics();
  private final List<Consumer<Throwable>> failureListeners = new ArrayList<>();

  /** What to fail when one of them dies, in order of start. */
  private final List<Consumer<Throwable>> parts = new CopyOnWriteArrayList<>();

  private final EncoderService encoder;
  private final ResponseEngine response;
  private final Optional<DetokenizerService> detokenizer;
  private Throwable failure;

  LocalModelHost(ModelHostSettings settings) {
    long begin = System.nanoTime();
    this.settings = settings;
    this.bundle = Bundle.load(settings.bundle());
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
    OnnxSessions sessions =
        new OnnxSessions(settings.device(), settings.intraOpThreads(), settings.spinning());
    this.encoder =
        new EncoderService(bundle, sessions, settings.encoderWait(), metrics, this::fail);
    parts.add(encoder::fail);
    ResponseEngine engine = null;
    try {
      engine = new ResponseEngine(bundle, sessions, settings, metrics, this::fail);
      parts.add(engine::fail);
      this.detokenizer =
          bundle.manifest().detokenizer().isPresent()
              ? Optional.of(
                  new DetokenizerService(
                      bundle, sessions, settings.detokenizerBatch(), metrics, this::fail))
              : Optional.empty();
      detokenizer.ifPresent(service -> parts.add(service::fail));
    } catch (RuntimeException e) {
      if (engine != null) {
        engine.close();
      }
      encoder.close();
      throw e;
    }
    this.response = engine;
    LOG.info(
        "bundle {} loaded on {} in {} ms: {} rows x {} positions, slab {} MB",
        bundle.manifest().name(),
        settings.device(),
        (System.nanoTime() - begin) / 1_000_000,
        settings.rows(),
        settings.positionsPerRow(),
        response.slabBytes() >> 20);
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
  public CompletableFuture<float[]> group(float[] frames, int groups) {
    return encoder.group(frames, groups);
  }

  @Override
  public ResponseSession openResponse(String conversation, boolean speech) {
    return response.open(conversation, speech);
  }

  @Override
  public DetokenizerSession openDetokenizer() {
    return detokenizer
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "bundle " + bundle.directory() + " has no detokenizer, it cannot be heard"))
        .open();
  }

  /** For tests: the engine, to take rows away from sessions. */
  ResponseEngine response() {
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
    detokenizer.ifPresent(DetokenizerService::close);
    response.close();
    encoder.close();
  }
}
