package io.antiphon.operators.calls;

import java.util.concurrent.CompletableFuture;

/** Writes down what is said in an utterance. Thread safe. */
@FunctionalInterface
public interface Transcriber {
  /**
   * @param name of the utterance, for messages only
   * @param samples mono, 16 kHz, in -1 to 1
   * @return its text; a function of the samples alone
   */
  CompletableFuture<String> transcribe(String name, float[] samples);
}
