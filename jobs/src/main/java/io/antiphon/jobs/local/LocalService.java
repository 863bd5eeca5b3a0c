package io.antiphon.jobs.local;

import io.antiphon.jobs.configuration.AgentConfiguration;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Everything in this process: an embedded Kafka broker with the topics, an embedded Flink cluster,
 * and the dataflow running on them. Closed in reverse order.
 */
public final class LocalService implements AutoCloseable {
  private static final Duration JOB_START = Duration.ofMinutes(2);

  private final EmbeddedKafka kafka;
  private final LocalFlink flink;
  private final LocalFlink.RunningJob job;
  private final AgentConfiguration configuration;

  private LocalService(
      EmbeddedKafka kafka,
      LocalFlink flink,
      LocalFlink.RunningJob job,
      AgentConfiguration configuration) {
    this.kafka = kafka;
    this.flink = flink;
    this.job = job;
    this.configuration = configuration;
  }

  /** Puts a dataflow from and to the configured topics into an environment. */
  @FunctionalInterface
  public interface DataflowDefinition {
    void define(StreamExecutionEnvironment environment, AgentConfiguration configuration);
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
    CompletableFuture<EmbeddedKafka> kafkaStart =
        CompletableFuture.supplyAsync(
            () -> timed("Kafka broker", observer, () -> EmbeddedKafka.start(port)));
    CompletableFuture<LocalFlink> flinkStart =
        CompletableFuture.supplyAsync(
            () ->
                timed(
                    "Flink cluster",
                    observer,
                    () -> LocalFlink.start(configuration.dataflow().parallelism())));
    try {
      EmbeddedKafka kafka = kafkaStart.join();
      LocalFlink flink = flinkStart.join();
      AgentConfiguration local = configuration.withBootstrapServers(kafka.bootstrapServers());
      Topics.create(
          local.kafka().clientProperties(), local.topics(), local.dataflow().parallelism());
      LocalFlink.RunningJob job =
          timed(
              "Model and job",
              observer,
              () -> {
                StreamExecutionEnvironment environment = flink.environment();
                dataflow.define(environment, local);
                return flink.submit(environment, "antiphon", JOB_START);
              });
      return new LocalService(kafka, flink, job, local);
    } catch (RuntimeException e) {
      closeStarted(flinkStart);
      closeStarted(kafkaStart);
      throw e instanceof CompletionException && e.getCause() instanceof RuntimeException cause
          ? cause
          : e;
    }
  }

  /** The configuration that runs, with the broker's real address. */
  public AgentConfiguration configuration() {
    return configuration;
  }

  public LocalFlink.RunningJob job() {
    return job;
  }

  /** The cluster, for a further job. */
  public LocalFlink flink() {
    return flink;
  }

  @Override
  public void close() {
    try (kafka;
        flink) {
      job.cancel();
    }
  }

  private static <T> T timed(String part, StartObserver observer, Supplier<T> start) {
    long begin = System.nanoTime();
    T started = start.get();
    observer.started(part, Duration.ofNanos(System.nanoTime() - begin));
    return started;
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
