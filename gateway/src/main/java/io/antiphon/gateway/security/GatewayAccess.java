package io.antiphon.gateway.security;

import io.antiphon.gateway.configuration.LimitsConfiguration;
import io.antiphon.gateway.configuration.SecurityConfiguration;
import io.antiphon.gateway.metrics.GatewayMetrics;
import io.antiphon.gateway.server.HttpException;
import io.antiphon.gateway.server.HttpRequest;
import io.antiphon.gateway.server.HttpResponse;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** {@link Access} by keys, tokens and client secrets. */
public final class GatewayAccess implements Access {
  /** What a browser's subprotocol with the key begins with. */
  public static final String KEY_SUBPROTOCOL = "openai-insecure-api-key.";

  private static final String BEARER = "Bearer ";

  private final ApiKeys keys;
  private final @Nullable TokenVerifier tokens;
  private final ClientSecrets secrets;
  private final List<String> origins;
  private final TenantLimits limits;
  private final GatewayMetrics metrics;
  private final AuditLog audit = new AuditLog();

  /**
   * @throws IOException when the tokens' keys cannot be read
   */
  public GatewayAccess(
      SecurityConfiguration security,
      LimitsConfiguration limits,
      ClientSecrets secrets,
      GatewayMetrics metrics)
      throws IOException {
    this.keys = new ApiKeys(security.keys());
    this.tokens =
        security.tokenKeys().isEmpty()
            ? null
            : new TokenVerifier(
                security.tokenKeys().get(),
                security.tokenIssuer().orElse(""),
                security.tokenAudience().orElse(""),
                security.tenantClaim());
    this.secrets = secrets;
    this.origins = security.origins();
    this.limits =
        new TenantLimits(
            new TenantLimits.Allowance(
                limits.sessions(), limits.sessionsPerMinute(), limits.minutesPerDay()),
            System::nanoTime);
    this.metrics = metrics;
  }

  @Override
  public Principal authenticate(HttpRequest request) throws HttpException {
    checkOrigin(request);
    Optional<String> secret = secret(request);
    Optional<Principal> principal = secret.flatMap(this::find);
    if (principal.isEmpty()) {
      refuse(request, secret.isEmpty() ? "no-key" : "unknown-key");
      throw new HttpException(
          HttpResponse.error(401, "invalid_api_key", "Incorrect API key provided."));
    }
    return principal.get();
  }

  @Override
  public SessionLease admit(Principal principal, String protocol, String remoteAddress)
      throws LimitException {
    try {
      limits.open(principal.tenant());
    } catch (LimitException e) {
      audit.limited(principal, protocol, e.limit());
      metrics
          .counter("sessions.refused", "tenant", principal.tenant(), "limit", e.limit())
          .increment();
      throw e;
    }
    audit.opened(principal, protocol, remoteAddress);
    metrics
        .counter("sessions.opened", "tenant", principal.tenant(), "protocol", protocol)
        .increment();
    return new Lease(principal, protocol);
  }

  private Optional<Principal> find(String secret) {
    if (secret.startsWith(ClientSecrets.PREFIX)) {
      return secrets.find(secret);
    }
    Optional<Principal> byKey = keys.find(secret);
    return byKey.isEmpty() && tokens != null ? tokens.verify(secret) : byKey;
  }

  private static Optional<String> secret(HttpRequest request) {
    Optional<String> header = request.header("authorization");
    if (header.isPresent()) {
      return header.get().regionMatches(true, 0, BEARER, 0, BEARER.length())
          ? Optional.of(header.get().substring(BEARER.length()).strip())
          : Optional.empty();
    }
    return request.listHeader("sec-websocket-protocol").stream()
        .filter(protocol -> protocol.startsWith(KEY_SUBPROTOCOL))
        .map(protocol -> protocol.substring(KEY_SUBPROTOCOL.length()))
        .findFirst();
  }

  /** Browsers name the page that speaks; others name none. */
  private void checkOrigin(HttpRequest request) throws HttpException {
    Optional<String> origin = request.header("origin");
    if (origin.isEmpty() || origins.contains(origin.get()) || sameOrigin(request, origin.get())) {
      return;
    }
    refuse(request, "origin");
    throw new HttpException(
        HttpResponse.error(403, "origin_not_allowed", "This origin is not allowed."));
  }

  private static boolean sameOrigin(HttpRequest request, String origin) {
    Optional<String> host = request.header("host");
    try {
      String authority = URI.create(origin).getAuthority();
      return authority != null
          && host.isPresent()
          && authority.toLowerCase(Locale.ROOT).equals(host.get().toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void refuse(HttpRequest request, String reason) {
    metrics.counter("access.refused", "reason", reason).increment();
    audit.unknown(request.remoteAddress(), request.path(), reason);
  }

  private final class Lease implements SessionLease {
    private final Principal principal;
    private final String protocol;
    private final long began = System.nanoTime();
    private final AtomicBoolean open = new AtomicBoolean(true);
    private volatile String conversation = "";

    Lease(Principal principal, String protocol) {
      this.principal = principal;
      this.protocol = protocol;
    }

    @Override
    public Principal principal() {
      return principal;
    }

    @Override
    public void conversation(String conversationId) {
      conversation = conversationId;
    }

    @Override
    public void close() {
      if (open.compareAndSet(true, false)) {
        long nanos = System.nanoTime() - began;
        limits.close(principal.tenant(), nanos);
        audit.closed(principal, protocol, conversation, nanos / 1e9);
        metrics
            .timer("sessions", "tenant", principal.tenant(), "protocol", protocol)
            .record(java.time.Duration.ofNanos(nanos));
      }
    }
  }
}
