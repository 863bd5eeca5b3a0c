package io.antiphon.local;

import io.antiphon.jobs.DataflowDefinition;
import io.antiphon.jobs.configuration.AgentConfiguration;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.common.utils.Exit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything in this process: an embedded Kafka broker with the topics, an embedded Flink cluster,
 * and the dataflow running on them. Closed in reverse order.
 */
public final class LocalService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalService.class);
  private static final Duration JOB_START = Duration.ofMinutes(2);

  /** How long the end by a signal waits for broker, cluster and model to close. */
  private static final long CLOSING_MILLIS = 700;

  /**
   * State does not outlive this process: more key groups would only cost memory and checkpoints.
   */
  private static final int KEY_GROUPS = 128;

  /** What is closed, in this order; empty afterwards, so that a closed service holds none of it. */
  private final Deque<AutoCloseable> parts;

  private final LocalFlink.RunningJob job;
  private final AgentConfiguration configuration;

  /**
   * @param parts in the order in which they are closed
   */
  private LocalService(
      List<AutoCloseable> parts, LocalFlink.RunningJob job, AgentConfiguration configuration) {
    this.parts = new ConcurrentLinkedDeque<>(parts);
    this.job = job;
    this.configuration = configuration;
  }

  /** Hears of the parts as they come up. */
  @FunctionalInterface
  public interface StartObserver {
    /**
     * @param part such as "Kafka broker"
     * @param took since it was begun
     */
    void started(String part, Duration took);
  }

  /**
   * Starts the service; returns when the job runs with its model loaded.
   *
   * @param configuration its {@code kafka.bootstrapServers} is replaced by the embedded broker's
   *     address
   * @param port of the broker, 0 for a free one
   * @throws LocalServiceException naming the part that did not start and why; nothing is left
   *     behind
   */
  public static LocalService start(
      AgentConfiguration configuration,
      int port,
      DataflowDefinition dataflow,
      StartObserver observer) {
    ProcessDirectories.sweep();
    CompletableFuture<AutoCloseable> modelStart =
        begin("Model", observer, () -> dataflow.load(configuration));
    CompletableFuture<EmbeddedKafka> kafkaStart =
        begin("Kafka broker", observer, () -> EmbeddedKafka.start(port));
    CompletableFuture<LocalFlink> flinkStart =
        begin(
            "Flink cluster",
            observer,
            () -> LocalFlink.start(configuration.dataflow().parallelism(), dataflow.cluster()));
    // Ctrl-C may come at any time; what has been started leaves nothing behind then either.
    Thread hook =
        new Thread(() -> end(List.of(flinkStart, kafkaStart, modelStart)), "antiphon-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      AutoCloseable model = modelStart.join();
      EmbeddedKafka kafka = kafkaStart.join();
      LocalFlink flink = flinkStart.join();
      AgentConfiguration local =
          configuration
              .withNewTopicsAt(kafka.bootstrapServers())
              .withMaximumParallelism(Math.max(KEY_GROUPS, configuration.dataflow().parallelism()));
      TopicCreator.create(
          local.kafka().clientProperties(), local.topics(), local.dataflow().parallelism());
      LocalFlink.RunningJob job =
          timed(
              "Job",
              observer,
              () -> {
                StreamExecutionEnvironment environment = flink.environment();
                dataflow.define(environment, local);
                return flink.submit(environment, "antiphon", JOB_START);
              });
      return new LocalService(List.of(flink, kafka, model, () -> forget(hook)), job, local);
    } catch (RuntimeException | Error e) {
      forget(hook);
      List.of(flinkStart, kafkaStart, modelStart).forEach(LocalService::closeStarted);
      if (e instanceof CompletionException && e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** The configuration that runs, with the broker's real address. */
  public AgentConfiguration configuration() {
    return configuration;
  }

  public LocalFlink.RunningJob job() {
    return job;
  }

  /** Stops the job, then the cluster, the broker and the model. */
  @Override
  public void close() {
    LocalServiceException failure = null;
    for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
      try {
        part.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new LocalServiceException("the service did not stop: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("The process is ending; its hook closes what is closed here already");
    }
  }

  private static <T> CompletableFuture<T> begin(
      String part, StartObserver observer, Supplier<T> start) {
    // Not the common pool: starting blocks, and the machine may have one core.
    CompletableFuture<T> started = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                started.complete(timed(part, observer, start));
              } catch (RuntimeException | Error e) {
                started.completeExceptionally(e);
              }
            },
            "antiphon-start-" + part);
    thread.start();
    return started;
  }

  private static <T> T timed(String part, StartObserver observer, Supplier<T> start) {
    long begin = System.nanoTime();
    T started = start.get();
    observer.started(part, Duration.ofNanos(System.nanoTime() - begin));
    return started;
  }

  /**
   * The end by a signal. Nobody has anything to go on with in this process, so whatever closes is
   * not waited for long; the model's native calls have a hook of their own that waits for them.
   */
  private static void end(List<? extends CompletableFuture<? extends AutoCloseable>> parts) {
    // A broker whose files go away would end the process at once, with another exit code.
    Exit.setHaltProcedure((code, message) -> {});
    Exit.setExitProcedure((code, message) -> {});
    Thread closing =
        new Thread(() -> parts.forEach(LocalService::closeStarted), "antiphon-closing-parts");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(CLOSING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ProcessDirectories.deleteAll();
  }

  private static void closeStarted(CompletableFuture<? extends AutoCloseable> start) {
    start
        .thenAccept(
            part -> {
              try {
                part.close();
              } catch (Exception e) {
                throw new CompletionException(e);
              }
            })
        .exceptionally(error -> null)
        .join();
  }
}
