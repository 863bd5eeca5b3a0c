package io.antiphon.gateway.realtime;

import io.antiphon.gateway.GatewayContext;
import io.antiphon.gateway.TestGateway;
import io.antiphon.gateway.configuration.GatewayConfiguration;
import io.antiphon.gateway.configuration.LimitsConfiguration;
import io.antiphon.gateway.metrics.GatewayMetrics;
import io.antiphon.gateway.security.ClientSecrets;
import io.antiphon.gateway.security.GatewayAccess;
import io.antiphon.gateway.server.JettyServer;
import io.antiphon.gateway.server.SocketLimits;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Server, access and protocol with conversations of a fake. */
final class HttpGateway implements AutoCloseable {
  final FakePort port = new FakePort();
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final JettyServer server;
  private final ExecutorService workers = Executors.newFixedThreadPool(4);

  HttpGateway() throws IOException {
    this(Optional.empty(), Optional.empty(), TestGateway.limits(0), SocketLimits.DEFAULT);
  }

  HttpGateway(
      Optional<Path> certificate,
      Optional<Path> key,
      LimitsConfiguration limits,
      SocketLimits sockets)
      throws IOException {
    GatewayConfiguration configuration = TestGateway.configuration("unused:1", certificate, key);
    GatewayMetrics metrics = new GatewayMetrics(registry);
    ClientSecrets secrets =
        new ClientSecrets(TestGateway.SECRET.getBytes(StandardCharsets.UTF_8), Clock.systemUTC());
    server =
        new JettyServer(
            configuration.listen(),
            configuration.management(),
            sockets,
            1_000,
            workers,
            TestSession.CLOCK,
            metrics);
    new RealtimeProtocol(secrets, TestSession.OPTIONS)
        .install(
            server.routes(),
            new GatewayContext(
                configuration,
                port,
                new GatewayAccess(configuration.security(), limits, secrets, metrics),
                metrics,
                workers,
                TestSession.CLOCK));
    server.start();
  }

  static SocketLimits sockets(long unsentBytes, Duration stall) {
    return new SocketLimits(
        unsentBytes, stall, Duration.ofMillis(100), Duration.ofSeconds(60), 2_000);
  }

  String http() {
    return "http://127.0.0.1:" + server.port();
  }

  String ws() {
    return "ws://127.0.0.1:" + server.port();
  }

  double count(String name) {
    return registry.get("antiphon.gateway." + name).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  @Override
  public void close() throws IOException {
    server.close();
    workers.shutdownNow();
  }
}
