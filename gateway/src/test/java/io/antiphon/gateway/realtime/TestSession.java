package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.antiphon.gateway.ManualClock;
import io.antiphon.gateway.metrics.GatewayMetrics;
import io.antiphon.gateway.security.Principal;
import io.antiphon.gateway.security.SessionLease;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** A session with nothing real around it. */
final class TestSession {
  static final ScheduledExecutorService CLOCK = clock();
  static final SessionOptions OPTIONS =
      new SessionOptions(
          List.of("nano"), List.of(), Duration.ofMinutes(60), Duration.ofSeconds(60), 1 << 24);

  /** Moves only when it is told to. */
  final ManualClock clock = new ManualClock();

  final FakePort port;
  final RecordingConnection connection = new RecordingConnection();
  final Lease lease = new Lease();
  final RealtimeSession session;

  TestSession() {
    this(new FakePort(), SessionConfiguration.realtime("nano"));
  }

  TestSession(FakePort port, SessionConfiguration configuration) {
    this.port = port;
    this.session =
        new RealtimeSession(
            configuration,
            java.util.Optional.empty(),
            false,
            lease,
            port,
            OPTIONS,
            new GatewayMetrics(new SimpleMeterRegistry()),
            clock,
            clock::nanoTime);
    session.opened(connection);
  }

  private static ScheduledExecutorService clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "test-clock");
              thread.setDaemon(true);
              return thread;
            });
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  FakePort.FakeCall call() {
    return port.last();
  }

  /** Sends an event written with single quotes. */
  void send(String event) {
    session.text(event.replace('\'', '"'));
  }

  void append(int bytes) {
    send(
        "{'type':'input_audio_buffer.append','audio':'"
            + Base64.getEncoder().encodeToString(new byte[bytes])
            + "'}");
  }

  List<JsonNode> take() {
    return connection.take();
  }

  /** Counts how often it is closed. */
  static final class Lease implements SessionLease {
    int closed;
    String conversation = "";

    @Override
    public Principal principal() {
      return Principal.of("acme", "test");
    }

    @Override
    public void conversation(String conversationId) {
      conversation = conversationId;
    }

    @Override
    public void close() {
      closed++;
    }
  }
}
