package io.antiphon.runtime.llm;

import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationStep;
import java.util.ArrayList;
import java.util.List;

/**
 * One answer: what was asked for, the steps that are known, and how far its audio reaches at the
 * caller's ear. Stays in the log as long as positions that it decoded do. Guarded by the engine's
 * lock.
 */
final class Generation {
  private final GenerationRequest request;
  private final DecodingLoop loop;
  private final GenerationListener listener;
  private final List<GenerationStep> steps;
  private final long startedNanos;
  private long firstAudioNanos;
  private final long idNanos;
  private long audibleIds;
  private boolean begun;

  /**
   * @param idNanos playing time of one speech id
   */
  Generation(
      GenerationRequest request,
      DecodingLoop loop,
      GenerationListener listener,
      long now,
      long idNanos) {
    this.idNanos = idNanos;
    this.request = request;
    this.loop = loop;
    this.listener = listener;
    this.steps = new ArrayList<>(request.replay());
    this.startedNanos = now;
  }

  GenerationRequest request() {
    return request;
  }

  /** How it goes on after each step. */
  DecodingLoop loop() {
    return loop;
  }

  GenerationListener listener() {
    return listener;
  }

  /** Steps whose result is known. */
  int known() {
    return steps.size();
  }

  GenerationStep step(int index) {
    return steps.get(index);
  }

  void add(GenerationStep step) {
    steps.add(step);
  }

  /** True the first time: the generation's first step begins. */
  boolean begin() {
    boolean first = !begun;
    begun = true;
    return first;
  }

  long startedNanos() {
    return startedNanos;
  }

  /**
   * Counts speech ids that will be heard: a group may have fewer of them than its size, and a lead
   * that counted whole groups would run out unseen.
   */
  void heard(long now, int ids) {
    if (audibleIds == 0) {
      firstAudioNanos = now;
    }
    audibleIds += ids;
  }

  boolean audible() {
    return audibleIds > 0;
  }

  /** When the audio made so far has been played. */
  long playedOutNanos() {
    return firstAudioNanos + audibleIds * idNanos;
  }

  /** No random number and no distribution is needed. */
  boolean greedy() {
    return request.text().greedy() && (!request.speech() || request.speechSampling().greedy());
  }
}
