package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.gateway.GatewayContext;
import io.antiphon.gateway.Protocol;
import io.antiphon.gateway.conversation.ResumePoint;
import io.antiphon.gateway.security.ClientSecrets;
import io.antiphon.gateway.security.LimitException;
import io.antiphon.gateway.security.Principal;
import io.antiphon.gateway.security.SessionLease;
import io.antiphon.gateway.server.HttpException;
import io.antiphon.gateway.server.HttpRequest;
import io.antiphon.gateway.server.HttpResponse;
import io.antiphon.gateway.server.Routes;
import io.antiphon.gateway.server.SocketRoute;
import io.antiphon.gateway.server.Strand;
import java.time.Duration;
import java.util.Optional;

/** What OpenAI Realtime clients ask for over HTTP, and the sessions they open. Thread safe. */
public final class RealtimeProtocol implements Protocol {
  private static final String SUBPROTOCOL = "realtime";
  private static final int SHORTEST_LIFE = 10;
  private static final int LONGEST_LIFE = 7_200;
  private static final int USUAL_LIFE = 600;

  /** A secret travels in a header, where its session has to fit. */
  private static final int LARGEST_SECRET_SESSION = 24 * 1024;

  private final ClientSecrets secrets;
  private final SessionOptions options;

  public RealtimeProtocol(ClientSecrets secrets, SessionOptions options) {
    this.secrets = secrets;
    this.options = options;
  }

  @Override
  public void install(Routes routes, GatewayContext context) {
    routes.socket("/v1/realtime", request -> accept(request, context));
    routes.http("GET", "/v1/realtime", RealtimeProtocol::upgradeRequired);
    routes.http("POST", "/v1/realtime/client_secrets", request -> makeSecret(request, context));
    routes.http("POST", "/v1/realtime/calls", request -> refuseWebRtc(request, context));
    routes.http("GET", "/v1/models", request -> models(request, context));
    routes.http("GET", "/v1/models/*", request -> model(request, context));
  }

  private SocketRoute.Accepted accept(HttpRequest request, GatewayContext context)
      throws HttpException {
    Principal principal = context.access().authenticate(request);
    SessionConfiguration configuration = configuration(request, principal);
    SessionLease lease;
    try {
      lease = context.access().admit(principal, "realtime", request.remoteAddress());
    } catch (LimitException e) {
      throw new HttpException(
          HttpResponse.error(
              429,
              e.limit().equals("rate") ? "rate_limit_exceeded" : "insufficient_quota",
              "Limit reached: " + e.getMessage() + "."));
    }
    boolean asked = request.listHeader("sec-websocket-protocol").contains(SUBPROTOCOL);
    Optional<ResumePoint> resumed = resumePoint(request, principal);
    Optional<Strand> strand =
        resumed.flatMap(
            point -> context.conversations().strandOf(point.conversationId(), principal.tenant()));
    RealtimeSession session =
        new RealtimeSession(
            configuration,
            resumed.filter(point -> strand.isPresent() || point.takeover().isPresent()),
            asked,
            lease,
            context.conversations(),
            options,
            context.metrics(),
            context.clock(),
            System::nanoTime);
    return new SocketRoute.Accepted(
        session, asked ? SUBPROTOCOL : "", options.maximumMessage(), strand);
  }

  /** Our own page says where it stood when it lost its connection. */
  private static Optional<ResumePoint> resumePoint(HttpRequest request, Principal principal)
      throws HttpException {
    Optional<String> id = request.parameter("antiphon_conversation").filter(i -> !i.isEmpty());
    if (id.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ResumePoint(
              id.get(),
              principal.tenant(),
              Integer.parseInt(request.parameter("antiphon_turn").orElse("-1")),
              Long.parseLong(request.parameter("antiphon_received_ms").orElse("0")),
              request.parameter("antiphon_takeover").filter(token -> !token.isEmpty())));
    } catch (IllegalArgumentException e) {
      throw new HttpException(
          HttpResponse.error(
              400, "invalid_value", "antiphon_turn and antiphon_received_ms are no positions."));
    }
  }

  private SessionConfiguration configuration(HttpRequest request, Principal principal)
      throws HttpException {
    String model = request.parameter("model").orElse(options.models().get(0));
    try {
      if (principal.session().isPresent()) {
        JsonNode preset = Wire.read(principal.session().get());
        String named = preset.path("model").asText(model);
        return base(preset, named).with(Parameters.of(preset));
      }
    } catch (RealtimeException e) {
      throw badRequest(e);
    }
    boolean transcribing = request.parameter("intent").filter("transcription"::equals).isPresent();
    return transcribing
        ? SessionConfiguration.transcription(model)
        : SessionConfiguration.realtime(model);
  }

  private static SessionConfiguration base(JsonNode session, String model) {
    return session.path("type").asText("realtime").equals("transcription")
        ? SessionConfiguration.transcription(model)
        : SessionConfiguration.realtime(model);
  }

  private HttpResponse makeSecret(HttpRequest request, GatewayContext context)
      throws HttpException {
    Principal principal = context.access().authenticate(request);
    if (principal.session().isPresent()) {
      throw new HttpException(
          HttpResponse.error(403, "forbidden", "A client secret makes no client secrets."));
    }
    try {
      Parameters body =
          Parameters.of(
              request.body().length == 0
                  ? JsonNodeFactory.instance.objectNode()
                  : Wire.read(request.text()));
      JsonNode session =
          body.object("session").isPresent()
              ? body.raw("session")
              : JsonNodeFactory.instance.objectNode().put("type", "realtime");
      int seconds = USUAL_LIFE;
      Optional<Parameters> life = body.object("expires_after");
      if (life.isPresent()) {
        life.get().choice("anchor", java.util.List.of("created_at"));
        seconds = life.get().integer("seconds", SHORTEST_LIFE, LONGEST_LIFE).orElse(USUAL_LIFE);
      }
      if (session.toString().length() > LARGEST_SECRET_SESSION) {
        throw body.invalid(
            "session", "Invalid 'session': longer than " + LARGEST_SECRET_SESSION + " characters.");
      }
      String model = session.path("model").asText(options.models().get(0));
      SessionConfiguration effective = base(session, model).with(Parameters.of(session));
      ClientSecrets.Made made =
          secrets.make(principal, session.toString(), Duration.ofSeconds(seconds));
      ObjectNode answer =
          JsonNodeFactory.instance
              .objectNode()
              .put("value", made.value())
              .put("expires_at", made.expiresAt().getEpochSecond());
      // The session's own id and end are made when a session begins.
      ObjectNode written = effective.write("sess_" + made.expiresAt().getEpochSecond(), 0);
      answer.set("session", written);
      return HttpResponse.json(200, answer.toString());
    } catch (RealtimeException e) {
      throw badRequest(e);
    }
  }

  private static HttpResponse refuseWebRtc(HttpRequest request, GatewayContext context)
      throws HttpException {
    context.access().authenticate(request);
    return HttpResponse.error(
        501, "webrtc_not_served", "WebRTC is not served here; connect by WebSocket.");
  }

  private static HttpResponse upgradeRequired(HttpRequest request) {
    return HttpResponse.error(426, "upgrade_required", "Connect by WebSocket.");
  }

  private HttpResponse models(HttpRequest request, GatewayContext context) throws HttpException {
    context.access().authenticate(request);
    ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode data = list.putArray("data");
    options.models().forEach(name -> data.add(describe(name)));
    return HttpResponse.json(200, list.toString());
  }

  private HttpResponse model(HttpRequest request, GatewayContext context) throws HttpException {
    context.access().authenticate(request);
    String name = request.path().substring("/v1/models/".length());
    if (!options.models().contains(name)) {
      return HttpResponse.error(
          404, "model_not_found", "The model '" + Parameters.shortened(name) + "' does not exist.");
    }
    return HttpResponse.json(200, describe(name).toString());
  }

  private static ObjectNode describe(String name) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", name)
        .put("object", "model")
        .put("created", 0)
        .put("owned_by", "antiphon");
  }

  private static HttpException badRequest(RealtimeException e) {
    return new HttpException(HttpResponse.error(400, e.code(), e.getMessage()));
  }
}
