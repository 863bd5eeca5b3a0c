package io.antiphon.operators.calls;

import io.antiphon.analytics.Word;
import io.antiphon.analytics.calls.AnalysisSettings;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.serde.audio.SampleCoding;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Listens to one call from its begin to its end: a {@link CallStream} whose utterances a
 * transcriber writes down.
 *
 * <p>For one thread. At most {@value #MOST_PENDING} utterances are being transcribed, further ones
 * wait in {@link #audio}.
 */
public final class CallListening {
  private static final int MOST_PENDING = 8;

  private record Pending(
      int channel, int number, long beginMillis, CompletableFuture<List<Word>> words) {}

  private final CallStart start;
  private final @Nullable Summarizer summarizer;
  private final CallStream stream;
  private final Deque<Pending> pending = new ArrayDeque<>();

  /**
   * @param rules kept for the whole call
   * @param summarizer what writes the summary's text; null: the template does
   */
  public CallListening(
      CallStart start,
      AnalysisSettings settings,
      RuleSet rules,
      SpeechDetector detector,
      Transcriber transcriber,
      @Nullable Summarizer summarizer) {
    this.start = start;
    this.summarizer = summarizer;
    this.stream =
        new CallStream(
            start,
            settings,
            rules,
            detector,
            (channel, number, endMillis, beginMillis, samples) ->
                pending.add(
                    new Pending(
                        channel,
                        number,
                        beginMillis,
                        transcriber.transcribe(
                            Transcriber.name(start.callId(), channel, number),
                            SampleCoding.toFloats(samples),
                            true))));
  }

  /**
   * What is heard next on a channel.
   *
   * @param samples 16 kHz, in -1 to 1; they are heard with 16 bits
   * @throws HostClosedException when the model host has ended
   */
  public void audio(int channel, float[] samples) {
    stream.audio(channel, samples);
    while (!pending.isEmpty()
        && (pending.peek().words().isDone() || pending.size() > MOST_PENDING)) {
      take(pending.poll());
    }
  }

  /**
   * The call is over; waits for its last texts.
   *
   * @param reason why it ended
   * @param model names what transcribed it
   */
  public CallSummary end(String reason, String model) {
    stream.end(reason);
    while (!pending.isEmpty()) {
      take(pending.poll());
    }
    Optional<WrittenSummary> written = Optional.empty();
    if (summarizer != null) {
      List<TranscriptSegment> transcript = stream.analysis().transcript();
      written =
          unlessItFailed(summarizer.summarize(start.callId(), transcript)).flatMap(text -> text);
    }
    CallSummary summary =
        stream
            .summary()
            .orElseThrow(
                () -> new IllegalStateException("a text of " + start.callId() + " is missing"))
            .withModel(model);
    return written.map(summary::withText).orElse(summary);
  }

  private void take(Pending next) {
    // Without words the utterance counts as failed.
    List<Word> words =
        unlessItFailed(next.words())
            .map(found -> Transcriber.since(next.beginMillis(), found))
            .orElse(null);
    stream.text(next.channel(), next.number(), CallStream.WHOLE, words);
  }

  private static <T> Optional<T> unlessItFailed(CompletableFuture<T> work) {
    try {
      return Optional.of(work.join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof HostClosedException closed) {
        throw closed;
      }
      return Optional.empty();
    }
  }
}
