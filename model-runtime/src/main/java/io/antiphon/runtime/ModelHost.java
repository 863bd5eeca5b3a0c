package io.antiphon.runtime;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One loaded bundle with its graphs, slab and threads, shared by everything in the process that
 * uses the same settings.
 *
 * <p>Thread safe. Futures complete and listeners are called on host threads; callbacks must only
 * hand over, never work or wait. {@link #close()} releases one reference; the last one stops the
 * threads and fails what is still open with {@link HostClosedException}.
 */
public interface ModelHost extends AutoCloseable {
  Bundle bundle();

  /** The settings that the host runs with. */
  ModelHostSettings settings();

  /**
   * Encodes one window. Windows of the same length from different callers share a call. The caller
   * waits for a place while thousands wait already; interrupted there, the future fails.
   *
   * @param mel log-mel {@code [melBins x frames]}, row-major
   * @param frames 1 to the manifest's {@code windowFrames}
   * @return frames at the token rate {@code [f x d]}
   */
  CompletableFuture<float[]> encode(float[] mel, int frames);

  /**
   * Scores the characters of one window for {@link io.antiphon.runtime.speech.WordAligner}; a
   * function of this window alone.
   *
   * @param mel log-mel {@code [melBins x frames]}, row-major
   * @param frames 1 to the manifest's {@code windowFrames}
   * @return logarithms of probabilities {@code [m x classes]}, m = (frames - 1) / 2 + 1
   * @throws IllegalStateException when the bundle has no {@code wordTimes}
   */
  CompletableFuture<float[]> scoreCharacters(float[] mel, int frames);

  /**
   * Groups frames for the shared LLM: mean of k, then the linear map.
   *
   * @param frames {@code [groups x k x d]}; missing frames of the last group are zero
   * @return {@code [groups x d]}
   */
  CompletableFuture<float[]> group(float[] frames, int groups);

  /**
   * Opens a conversation's context.
   *
   * @param conversation its name, for messages only
   * @param speech whether any of its generations will speak; the refined head's cache is kept only
   *     then
   * @throws IllegalStateException for speech from a host that was opened for text alone
   */
  GenerationSession openResponse(String conversation, boolean speech);

  /** Opens a detokenizer stream of {@link Voice#DEFAULT}. */
  default DetokenizerSession openDetokenizer() {
    return openDetokenizer(Voice.DEFAULT);
  }

  /**
   * Opens a detokenizer stream.
   *
   * @throws IllegalArgumentException for a voice that the bundle has not
   * @throws IllegalStateException when the bundle has no detokenizer or the host was opened for
   *     text alone
   */
  DetokenizerSession openDetokenizer(Voice voice);

  /**
   * Whether {@link #openDetokenizer} opens anything: the bundle has a detokenizer to be heard by.
   */
  default boolean speaks() {
    return true;
  }

  /** Names of the bundle's voices, the default one first; empty where it has one or none. */
  default List<String> voices() {
    return List.of();
  }

  /** Says where somebody speaks; part of every host, whatever the bundle holds. */
  SpeechDetector speechDetector();

  /**
   * Registers for the death of a host thread. The listener is called at most once, at once if a
   * thread is already dead. All sessions of the host have failed by then; the process should be
   * restarted or the host released by everybody and acquired anew. Closing the reference forgets
   * the listener.
   */
  void onFailure(Consumer<Throwable> listener);

  /** Who may converse here. */
  Admission admission();

  /** What the host counts and measures; live, can be read from any thread. */
  HostMetrics metrics();

  /** Memory of the key-value slab in bytes. */
  long slabBytes();

  @Override
  void close();
}
