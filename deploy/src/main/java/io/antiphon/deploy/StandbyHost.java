package io.antiphon.deploy;

import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.host.ModelHosts;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.text.PromptSegment;
import io.antiphon.runtime.text.Prompts;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** The model host of a process that stands by: loaded, used once, and kept. */
final class StandbyHost {
  private static final int STEPS = 12;

  /** Never closed: the host lives as long as the process. */
  private static final AtomicReference<ModelHost> KEPT = new AtomicReference<>();

  private StandbyHost() {}

  /**
   * Loads the host and lets it listen, answer and speak once, all graphs and their code with it.
   */
  static void prepare(ModelHostSettings settings) throws Exception {
    ModelHost host = ModelHosts.acquire(settings);
    KEPT.set(host);
    Bundle bundle = host.bundle();
    listen(host, bundle.manifest().audio());
    if (bundle.manifest().prompt().isPresent()) {
      answer(host, bundle);
    }
  }

  private static void listen(ModelHost host, Manifest.Audio audio) throws Exception {
    float[] silence = new float[audio.melBins() * audio.windowFrames()];
    float[] frames = host.encode(silence, audio.windowFrames()).get();
    int groups =
        audio.tokenFrames((long) audio.windowFrames() * audio.hopLength()) / audio.groupSize();
    host.group(frames, groups).get();
  }

  private static void answer(ModelHost host, Bundle bundle) throws Exception {
    Manifest manifest = bundle.manifest();
    Prompts prompts = bundle.prompts();
    CompletableFuture<GenerationEnd> end = new CompletableFuture<>();
    try (GenerationSession session = host.openResponse("standby", true)) {
      prompts.system(GenerationMode.SPEECH, null, null).forEach(session::append);
      session.append(new PromptSegment.Text(prompts.textTurn("Hello.")));
      session.generate(
          new GenerationRequest(
              0,
              0,
              true,
              true,
              manifest.sampling().text(),
              manifest.sampling().speech(),
              STEPS,
              List.of()),
          new Completion(end));
      end.get();
    }
    if (host.speaks()) {
      try (DetokenizerSession session = host.openDetokenizer()) {
        session.decode(new int[manifest.audio().groupSize()], false).get();
        session.decode(new int[0], true).get();
      }
    }
  }

  /** Waits for the end only. */
  private record Completion(CompletableFuture<GenerationEnd> end) implements GenerationListener {
    @Override
    public void onStep(GenerationStep step) {}

    @Override
    public void onFinished(GenerationEnd reason) {
      end.complete(reason);
    }

    @Override
    public void onFailed(Throwable error) {
      end.completeExceptionally(error);
    }
  }
}
