package io.antiphon.benchmarks.dataflow;

import io.antiphon.benchmarks.BenchmarkException;
import io.antiphon.benchmarks.Recordings;
import io.antiphon.client.ConversationClient;
import io.antiphon.client.ConversationHandle;
import io.antiphon.client.Pace;
import io.antiphon.client.ResponseListener;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
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
import io.antiphon.serde.audio.SampleCoding;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A conversation of one question, spoken in real time, that is over when the answer sounds. */
public final class TimedQuestion {
  private static final int PATIENCE_SECONDS = 30;

  private final ConversationClient client;
  private final int chunkMillis;
  private @Nullable StageLatencies stages;

  public TimedQuestion(ConversationClient client, int chunkMillis) {
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
  public OptionalDouble ask(float[] samples) throws Exception {
    Inbox inbox = new Inbox();
    try (ConversationHandle conversation =
        new ConversationHandle(client, "question-" + UUID.randomUUID(), inbox)) {
      conversation.send(
          ConversationStarted.newBuilder()
              .setInputFormat(new AudioFormat("pcm16", Recordings.SAMPLE_RATE, 1))
              .setOutputFormat(new AudioFormat("pcm16", 24_000, 1))
              .build());
      conversation.speak(
          SampleCoding.to16Bits(samples), Recordings.SAMPLE_RATE, chunkMillis, Pace.REAL_TIME);
      long asked = System.nanoTime();
      conversation.send(new TurnEnded());
      long heard = inbox.firstAudio.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      conversation.send(Interrupted.newBuilder().build());
      stages = inbox.completed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      conversation.send(new ConversationEnded());
      return heard == 0 ? OptionalDouble.empty() : OptionalDouble.of((heard - asked) / 1e6);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new BenchmarkException(String.valueOf(cause.getMessage()), cause);
    } catch (TimeoutException e) {
      throw new BenchmarkException("no answer came for " + PATIENCE_SECONDS + " s", e);
    }
  }

  /**
   * What the dataflow says of the answer, in milliseconds from the end of the turn; after {@link
   * #ask}.
   */
  public StageLatencies stages() {
    return Objects.requireNonNull(stages, "nothing was asked");
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
