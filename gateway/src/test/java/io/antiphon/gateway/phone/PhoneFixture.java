package io.antiphon.gateway.phone;

import io.antiphon.gateway.GatewayContext;
import io.antiphon.gateway.TestGateway;
import io.antiphon.gateway.configuration.TrunkConfiguration.Provider;
import io.antiphon.gateway.conversation.TurnTaking;
import io.antiphon.gateway.metrics.GatewayMetrics;
import io.antiphon.gateway.security.Access;
import io.antiphon.gateway.security.LimitException;
import io.antiphon.gateway.security.Principal;
import io.antiphon.gateway.security.SessionLease;
import io.antiphon.gateway.server.HttpRequest;
import io.antiphon.gateway.server.Strand;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/** What the tests of telephones share. */
final class PhoneFixture {
  private PhoneFixture() {}

  static Trunk trunk(Provider provider, String secret) {
    return new Trunk(
        "office",
        provider,
        "tenant",
        secret,
        Optional.of("Be brief."),
        Optional.empty(),
        List.of(),
        TurnTaking.AUTOMATIC);
  }

  static GatewayContext context(
      FakeConversations conversations,
      FakeAccess access,
      Executor workers,
      ScheduledExecutorService clock) {
    return new GatewayContext(
        TestGateway.configuration("127.0.0.1:1", Optional.empty(), Optional.empty()),
        conversations,
        access,
        new GatewayMetrics(new SimpleMeterRegistry()),
        workers,
        clock);
  }

  /** Lets in so many sessions at once, and nobody by key. */
  static final class FakeAccess implements Access {
    final AtomicInteger open = new AtomicInteger();
    private final int limit;

    FakeAccess(int limit) {
      this.limit = limit;
    }

    @Override
    public Principal authenticate(HttpRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SessionLease admit(Principal principal, String protocol, String remoteAddress)
        throws LimitException {
      if (open.get() == limit) {
        throw new LimitException("sessions", "the tenant has " + limit + " sessions");
      }
      open.incrementAndGet();
      return new SessionLease() {
        private boolean closed;

        @Override
        public Principal principal() {
          return principal;
        }

        @Override
        public void conversation(String conversationId) {}

        @Override
        public void close() {
          if (!closed) {
            closed = true;
            open.decrementAndGet();
          }
        }
      };
    }
  }

  /** A provider's socket that keeps what it is sent. */
  static final class FakeLine implements PhoneLine {
    final List<WireMessage> sent = new ArrayList<>();

    @Override
    public void send(WireMessage message) {
      sent.add(message);
    }

    @Override
    public void close(int code, String reason) {
      sent.add(new WireMessage.Close(code, reason));
    }

    long texts(String part) {
      return sent.stream()
          .filter(message -> message instanceof WireMessage.Text text && text.text().contains(part))
          .count();
    }
  }

  /** Runs everything at once, in the thread that offers it. */
  static Strand strand() {
    return new Strand(Runnable::run, 1_000);
  }
}
