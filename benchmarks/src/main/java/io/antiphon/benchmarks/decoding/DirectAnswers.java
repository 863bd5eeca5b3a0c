package io.antiphon.benchmarks.decoding;

import io.antiphon.benchmarks.BenchmarkException;
import io.antiphon.benchmarks.report.CpuTime;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Conversations whose answers are decoded by a model host without a dataflow, each again and again
 * from its prompt, which stays in the cache.
 */
public final class DirectAnswers implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 120;

  /**
   * One decoded answer.
   *
   * @param prompt which one
   * @param begun {@link System#nanoTime()} at which it was asked for
   * @param nanos at which each step came
   * @param failure null unless it broke
   */
  public record Answer(
      int prompt,
      long begun,
      List<Long> nanos,
      List<GenerationStep> steps,
      @Nullable Throwable failure) {}

  private record Conversation(int prompt, GenerationSession session, int positions) {}

  private final List<Conversation> conversations = new ArrayList<>();
  private final int mostSteps;
  private final LongAdder steps = new LongAdder();

  /**
   * Opens conversations and brings their prompts into the cache.
   *
   * @param prompts used in turn
   */
  public DirectAnswers(ModelHost host, List<SpokenPrompt> prompts, int count, int mostSteps)
      throws InterruptedException {
    this.mostSteps = mostSteps;
    for (int i = 0; i < count; i++) {
      int prompt = i % prompts.size();
      GenerationSession session = host.openResponse("conversation " + i, true);
      prompts.get(prompt).segments().forEach(session::append);
      conversations.add(new Conversation(prompt, session, prompts.get(prompt).positions()));
    }
    decode(1, 1);
  }

  /**
   * Decodes answers of all conversations at once; a conversation whose answer is done begins with
   * its next one.
   *
   * @param rounds answers of each conversation
   * @return in the order in which they ended
   */
  public List<Answer> decode(int rounds) throws InterruptedException {
    return decode(rounds, mostSteps);
  }

  /** What all conversations together did for a while. */
  public record Window(long steps, double seconds, double cpuSeconds, List<Answer> ended) {}

  /**
   * Decodes with all conversations at once for so long; a conversation whose answer is done begins
   * with its next one, and those that are not done at the end are given up.
   */
  public Window decodeFor(double seconds) throws InterruptedException {
    LinkedBlockingQueue<Answer> ended = new LinkedBlockingQueue<>();
    AtomicBoolean over = new AtomicBoolean();
    long before = steps.sum();
    double cpu = CpuTime.seconds();
    long begin = System.nanoTime();
    for (int i = 0; i < conversations.size(); i++) {
      begin(i, mostSteps, ended, () -> !over.get());
    }
    List<Answer> answers = new ArrayList<>();
    long end = begin + (long) (seconds * 1e9);
    for (long left = end - begin; left > 0; left = end - System.nanoTime()) {
      Answer answer = ended.poll(left, TimeUnit.NANOSECONDS);
      if (answer != null) {
        add(answer, answers);
      }
    }
    Window window =
        new Window(
            steps.sum() - before,
            (System.nanoTime() - begin) / 1e9,
            CpuTime.seconds() - cpu,
            answers);
    over.set(true);
    conversations.forEach(conversation -> conversation.session().cancel());
    return window;
  }

  private static void add(Answer answer, List<Answer> answers) {
    if (answer.failure() != null) {
      throw new BenchmarkException("an answer broke: " + answer.failure(), answer.failure());
    }
    answers.add(answer);
  }

  private List<Answer> decode(int rounds, int most) throws InterruptedException {
    LinkedBlockingQueue<Answer> ended = new LinkedBlockingQueue<>();
    for (int i = 0; i < conversations.size(); i++) {
      AtomicInteger left = new AtomicInteger(rounds);
      begin(i, most, ended, () -> left.decrementAndGet() > 0);
    }
    List<Answer> answers = new ArrayList<>();
    while (answers.size() < rounds * conversations.size()) {
      Answer answer = ended.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer == null) {
        throw new BenchmarkException("no answer ended for " + PATIENCE_SECONDS + " s");
      }
      add(answer, answers);
    }
    return answers;
  }

  /**
   * Asks for an answer. Its successor is asked for within the call that tells its end, so that the
   * conversation's row rests in no step.
   *
   * @param again whether there is a successor
   */
  private void begin(
      int index, int most, LinkedBlockingQueue<Answer> ended, BooleanSupplier again) {
    Conversation conversation = conversations.get(index);
    GenerationSession session = conversation.session();
    session.rewind(conversation.positions());
    long begun = System.nanoTime();
    List<Long> nanos = new ArrayList<>();
    List<GenerationStep> made = new ArrayList<>();
    session.generate(
        new GenerationRequest(0, 0, true, false, Sampling.GREEDY, Sampling.GREEDY, most, List.of()),
        new GenerationListener() {
          @Override
          public void onStep(GenerationStep step) {
            steps.increment();
            nanos.add(System.nanoTime());
            made.add(step);
          }

          @Override
          public void onFinished(GenerationEnd end) {
            end(null);
            if (again.getAsBoolean()) {
              begin(index, most, ended, again);
            }
          }

          @Override
          public void onFailed(Throwable error) {
            end(error);
          }

          private void end(@Nullable Throwable error) {
            ended.add(new Answer(conversation.prompt(), begun, nanos, made, error));
          }
        });
  }

  @Override
  public void close() {
    conversations.forEach(conversation -> conversation.session().close());
  }
}
