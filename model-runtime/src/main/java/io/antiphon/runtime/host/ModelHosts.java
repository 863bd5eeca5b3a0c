package io.antiphon.runtime.host;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.Admission;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.HostMetrics;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.runtime.Voice;
import io.antiphon.runtime.onnx.NativeHeap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** The process's model hosts: one for each settings, shared and reference counted. */
public final class ModelHosts {
  private static final Map<ModelHostSettings, Shared> HOSTS = new HashMap<>();

  private static final class Shared {
    final LocalModelHost host;
    int references;

    Shared(LocalModelHost host) {
      this.host = host;
    }
  }

  private ModelHosts() {}

  /**
   * Loads the bundle, or joins the host that already runs with the same settings. A host of which a
   * thread died is not joined.
   *
   * @return a reference; close it when done
   * @throws ConfigurationException when bundle or device cannot be used
   */
  public static ModelHost acquire(ModelHostSettings settings) {
    synchronized (HOSTS) {
      Shared shared = HOSTS.get(settings);
      if (shared == null || shared.host.failed()) {
        shared = new Shared(new LocalModelHost(settings));
        HOSTS.put(settings, shared);
      }
      shared.references++;
      return new Reference(shared);
    }
  }

  private static void release(Shared shared) {
    synchronized (HOSTS) {
      if (--shared.references > 0) {
        return;
      }
      HOSTS.remove(shared.host.settings(), shared);
      // Under the lock: whoever acquires next does not load beside the slab that is still there.
      shared.host.close();
      NativeHeap.trim();
    }
  }

  /**
   * One acquisition; closing it twice releases once. Closed, it holds nothing of the host, whose
   * memory goes with the last reference, whoever keeps the closed ones.
   */
  private static final class Reference implements ModelHost {
    private final AtomicReference<Shared> shared;
    private final List<Consumer<Throwable>> listeners = new CopyOnWriteArrayList<>();

    Reference(Shared shared) {
      this.shared = new AtomicReference<>(shared);
    }

    @Override
    public Bundle bundle() {
      return open().bundle();
    }

    @Override
    public ModelHostSettings settings() {
      return open().settings();
    }

    @Override
    public CompletableFuture<float[]> encode(float[] mel, int frames) {
      return open().encode(mel, frames);
    }

    @Override
    public CompletableFuture<float[]> scoreCharacters(float[] mel, int frames) {
      return open().scoreCharacters(mel, frames);
    }

    @Override
    public CompletableFuture<float[]> group(float[] frames, int groups) {
      return open().group(frames, groups);
    }

    @Override
    public GenerationSession openResponse(String conversation, boolean speech) {
      return open().openResponse(conversation, speech);
    }

    @Override
    public DetokenizerSession openDetokenizer(Voice voice) {
      return open().openDetokenizer(voice);
    }

    @Override
    public boolean speaks() {
      return open().speaks();
    }

    @Override
    public List<String> voices() {
      return open().voices();
    }

    @Override
    public SpeechDetector speechDetector() {
      return open().speechDetector();
    }

    @Override
    public void onFailure(Consumer<Throwable> listener) {
      ModelHost host = open();
      // An object of its own: another reference may register the same listener.
      Consumer<Throwable> own = error -> listener.accept(error);
      listeners.add(own);
      host.onFailure(own);
    }

    @Override
    public Admission admission() {
      return open().admission();
    }

    @Override
    public HostMetrics metrics() {
      return open().metrics();
    }

    @Override
    public long slabBytes() {
      return open().slabBytes();
    }

    private ModelHost open() {
      Shared present = shared.get();
      if (present == null) {
        throw new HostClosedException("this reference to the model host was closed");
      }
      return present.host;
    }

    @Override
    public void close() {
      Shared last = shared.getAndSet(null);
      if (last != null) {
        last.host.forget(listeners);
        release(last);
      }
    }
  }
}
