package io.antiphon.benchmarks;

import io.antiphon.client.ConversationClient;
import io.antiphon.client.ResponseListener;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationRefused;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.Interrupted;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnEnded;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A conversation of one question, spoken in real time, that is over when the answer sounds. */
final class OneQuestion {
  private static final int PATIENCE_SECONDS = 30;

  private final ConversationClient client;
  private final int chunkMillis;
  private final String id = "question-" + UUID.randomUUID();
  private long sequence;
  private StageLatencies stages;

  OneQuestion(ConversationClient client, int chunkMillis) {
    this.client = client;
    this.chunkMillis = chunkMillis;
  }

  /**
   * Asks; blocks.
   *
   * @param samples at 16 kHz
   * @return milliseconds from sending the last sample to seeing the first audio record; none when
   *     the answer has no speech
   */
  OptionalDouble ask(float[] samples) throws Exception {
    Inbox inbox = new Inbox();
    try (AutoCloseable registration = client.listen(id, inbox)) {
      send(
          ConversationStarted.newBuilder()
              .setInputFormat(new AudioFormat("pcm16", Recordings.SAMPLE_RATE, 1))
              .setOutputFormat(new AudioFormat("pcm16", 24_000, 1))
              .build());
      inRealTime(
          samples.length, chunkMillis, (from, to) -> send(Recordings.record(samples, from, to)));
      long asked = System.nanoTime();
      send(new TurnEnded());
      long heard = inbox.firstAudio.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      send(new Interrupted());
      stages = inbox.completed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      send(new ConversationEnded());
      return heard == 0 ? OptionalDouble.empty() : OptionalDouble.of((heard - asked) / 1e6);
    } catch (ExecutionException e) {
      throw new BenchmarkException(e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new BenchmarkException("no answer came for " + PATIENCE_SECONDS + " s", e);
    }
  }

  /**
   * What the dataflow says of the answer, in milliseconds from the end of the turn; after {@link
   * #ask}.
   */
  StageLatencies stages() {
    return stages;
  }

  /** Takes a range of samples. */
  @FunctionalInterface
  interface Range {
    void take(int from, int to);
  }

  /** Gives out a recording's chunks, each when its last sample has been spoken. */
  static void inRealTime(int samples, int chunkMillis, Range range) {
    int chunk = Recordings.SAMPLE_RATE / 1000 * chunkMillis;
    long begin = System.nanoTime();
    for (int from = 0; from < samples; from += chunk) {
      int to = Math.min(samples, from + chunk);
      long due = begin + to * 1_000_000_000L / Recordings.SAMPLE_RATE;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      range.take(from, to);
    }
  }

  private void send(Object body) {
    client.send(new ConversationEvent(id, sequence++, System.currentTimeMillis(), 0, body));
  }

  /** Waits for the first audio; 0 when the answer ends without. */
  private static final class Inbox implements ResponseListener {
    final CompletableFuture<Long> firstAudio = new CompletableFuture<>();
    final CompletableFuture<StageLatencies> completed = new CompletableFuture<>();

    @Override
    public void onText(TextResponse response) {
      Object body = response.getBody();
      if (body instanceof TurnCompleted done) {
        completed.complete(done.getLatencies());
        if (done.getAudioMillis() == 0) {
          firstAudio.complete(0L);
        }
      } else if (body instanceof ConversationRefused refused) {
        fail("a conversation was refused: " + refused.getReason());
      } else if (body instanceof ConversationFailed failed && failed.getTerminal()) {
        fail("a conversation failed: " + failed.getMessage());
      }
    }

    @Override
    public void onSpeech(SpeechResponse response) {
      if (response.getBytes().hasRemaining()) {
        firstAudio.complete(System.nanoTime());
      }
    }

    @Override
    public void onDeadLetter(DeadLetter letter) {
      fail("a record became a dead letter: " + letter.getMessage());
    }

    @Override
    public void onFailure(Throwable error) {
      firstAudio.completeExceptionally(error);
      completed.completeExceptionally(error);
    }

    private void fail(String message) {
      onFailure(new BenchmarkException(message));
    }
  }
}
