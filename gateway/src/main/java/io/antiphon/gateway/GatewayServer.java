package io.antiphon.gateway;

import io.antiphon.gateway.configuration.GatewayConfiguration;
import io.antiphon.gateway.configuration.LimitsConfiguration;
import io.antiphon.gateway.configuration.RealtimeConfiguration;
import io.antiphon.gateway.configuration.ServedRecords;
import io.antiphon.gateway.conversation.DataflowFeatures;
import io.antiphon.gateway.conversation.KafkaConversations;
import io.antiphon.gateway.metrics.GatewayMetrics;
import io.antiphon.gateway.realtime.RealtimeProtocol;
import io.antiphon.gateway.realtime.SessionOptions;
import io.antiphon.gateway.security.ClientSecrets;
import io.antiphon.gateway.security.GatewayAccess;
import io.antiphon.gateway.server.HttpResponse;
import io.antiphon.gateway.server.JettyServer;
import io.antiphon.gateway.server.Routes;
import io.antiphon.gateway.server.SocketLimits;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole gateway in this process. Parts are closed in reverse order of their start; {@link
 * #drain} before lets sessions end by themselves.
 */
public final class GatewayServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);
  private static final int SECRET_BYTES = 32;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final GatewayConfiguration configuration;
  private final JettyServer server;
  private final KafkaConversations conversations;

  private GatewayServer(GatewayConfiguration configuration, List<Protocol> others)
      throws IOException {
    this.configuration = configuration;
    try {
      LimitsConfiguration limits = configuration.limits();
      PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      parts.push(registry::close);
      GatewayMetrics metrics = new GatewayMetrics(registry);
      ExecutorService workers =
          Executors.newFixedThreadPool(
              Math.max(4, 2 * Runtime.getRuntime().availableProcessors()),
              named("antiphon-gateway-worker-"));
      parts.push(workers::shutdownNow);
      ScheduledThreadPoolExecutor clock =
          new ScheduledThreadPoolExecutor(1, named("antiphon-gateway-clock-"));
      clock.setRemoveOnCancelPolicy(true);
      parts.push(clock::shutdownNow);
      byte[] secret = secret(configuration);
      ClientSecrets secrets = new ClientSecrets(secret, Clock.systemUTC());
      GatewayAccess access = new GatewayAccess(configuration.security(), limits, secrets, metrics);
      conversations =
          new KafkaConversations(
              configuration.kafka().clientProperties(),
              configuration.kafka().audioChunks(),
              configuration.kafka().textResponses(),
              configuration.kafka().speechResponses(),
              configuration.node(),
              secret,
              features(configuration.dataflow()),
              limits.connections(),
              clock,
              metrics);
      parts.push(conversations);
      server =
          new JettyServer(
              configuration.listen(),
              configuration.management(),
              new SocketLimits(
                  limits.unsentBytes().bytes(),
                  limits.stall(),
                  limits.ping(),
                  limits.silence(),
                  SocketLimits.DEFAULT.waitingTasks()),
              limits.connections(),
              workers,
              clock,
              metrics);
      parts.push(server);
      GatewayContext context =
          new GatewayContext(configuration, conversations, access, metrics, workers, clock);
      List<Protocol> protocols = new ArrayList<>();
      protocols.add(new RealtimeProtocol(secrets, options(configuration)));
      protocols.addAll(others);
      for (Protocol protocol : protocols) {
        protocol.install(server.routes(), context);
        parts.push(protocol);
      }
      manage(server.management(), registry);
      server.start();
      LOG.info("Listening on {}", url());
    } catch (IOException | RuntimeException | Error e) {
      try {
        close();
      } catch (RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /**
   * Starts a gateway; returns when it listens.
   *
   * @param others protocols beside OpenAI Realtime
   * @throws IOException when a port, a certificate or the tokens' keys cannot be used
   * @throws org.apache.kafka.common.KafkaException when the dataflow's topics cannot be reached
   */
  public static GatewayServer start(GatewayConfiguration configuration, List<Protocol> others)
      throws IOException {
    return new GatewayServer(configuration, others);
  }

  public int port() {
    return server.port();
  }

  public int managementPort() {
    return server.managementPort();
  }

  /** What callers connect to, such as {@code http://127.0.0.1:8080}. */
  public String url() {
    return configuration
        .publicUrl()
        .orElseGet(
            () ->
                (configuration.listen().certificate().isPresent() ? "https://" : "http://")
                    + configuration.listen().host()
                    + ":"
                    + port());
  }

  /**
   * Takes no further sessions, lets the running ones go on for the configured time and closes the
   * rest with 1012.
   */
  public void drain() throws InterruptedException {
    conversations.drain();
    server.drain(configuration.limits().drain());
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
      try {
        part.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IllegalStateException("the gateway did not stop: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void manage(Routes routes, PrometheusMeterRegistry registry) {
    routes.http("GET", "/health/live", request -> health(conversations.failure()));
    routes.http(
        "GET",
        "/health/ready",
        request ->
            health(server.draining() ? Optional.of("the gateway stops") : conversations.failure()));
    routes.http(
        "GET",
        "/metrics",
        request ->
            HttpResponse.text(200, "text/plain; version=0.0.4; charset=utf-8", registry.scrape()));
  }

  private static HttpResponse health(Optional<String> problem) {
    return HttpResponse.text(
        problem.isEmpty() ? 200 : 503, "text/plain; charset=utf-8", problem.orElse("ok") + "\n");
  }

  private static byte[] secret(GatewayConfiguration configuration) {
    return configuration
        .security()
        .secret()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .orElseGet(
            () -> {
              byte[] drawn = new byte[SECRET_BYTES];
              new SecureRandom().nextBytes(drawn);
              return drawn;
            });
  }

  private static SessionOptions options(GatewayConfiguration configuration) {
    RealtimeConfiguration realtime = configuration.realtime();
    return new SessionOptions(
        realtime.models(),
        realtime.voices(),
        configuration.limits().session(),
        realtime.bufferedAudio(),
        realtime.messageBytes().toInt());
  }

  private static DataflowFeatures features(ServedRecords served) {
    return new DataflowFeatures(
        served.speechDetection(),
        served.answerRequests(),
        served.settingsChanges(),
        served.history(),
        served.audioDiscarding(),
        served.keys(),
        served.epochs());
  }

  private static ThreadFactory named(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
