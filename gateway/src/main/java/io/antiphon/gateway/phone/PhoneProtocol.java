package io.antiphon.gateway.phone;

import io.antiphon.gateway.GatewayContext;
import io.antiphon.gateway.Protocol;
import io.antiphon.gateway.server.HttpException;
import io.antiphon.gateway.server.HttpRequest;
import io.antiphon.gateway.server.HttpResponse;
import io.antiphon.gateway.server.HttpRoute;
import io.antiphon.gateway.server.Routes;
import io.antiphon.gateway.server.SocketRoute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Telephones. A trunk NAME is served under {@code /phone/NAME}: media streams at {@code media},
 * Twilio's webhooks at {@code voice} and {@code action}, Vonage's at {@code answer}. AudioSocket
 * trunks listen on a TCP port of their own.
 */
public final class PhoneProtocol implements Protocol {
  /** Bytes of the largest message that a provider sends. */
  private static final int MAXIMUM_MESSAGE = MediaJson.MAXIMUM_MESSAGE;

  private final PhoneConfiguration configuration;
  private final List<AudioSocketServer> servers = new ArrayList<>();
  private @Nullable PhoneCalls calls;

  public PhoneProtocol(PhoneConfiguration configuration) {
    this.configuration = configuration;
  }

  @Override
  public void install(Routes routes, GatewayContext context) {
    PhoneCalls all = new PhoneCalls(context, System::nanoTime);
    calls = all;
    for (Trunk trunk : configuration.trunks()) {
      String path = "/phone/" + trunk.name();
      switch (trunk.provider()) {
        case TWILIO -> {
          TwilioVoice voice = new TwilioVoice(trunk, context.configuration().publicUrl(), all);
          routes.http("POST", path + "/voice", voice::voice);
          routes.http("POST", path + "/action", voice::action);
          routes.socket(
              path + "/media",
              request -> {
                voice.checkHandshake(request);
                return accepted(all, trunk, new TwilioProtocol(), request, "");
              });
        }
        case TELNYX ->
            routes.socket(
                path + "/media",
                request -> {
                  TrunkKey.check(trunk, request, seconds());
                  return accepted(all, trunk, new TelnyxProtocol(), request, "");
                });
        case VONAGE -> {
          HttpRoute answer = request -> answer(trunk, request, context);
          routes.http("GET", path + "/answer", answer);
          routes.http("POST", path + "/answer", answer);
          routes.socket(
              path + "/media",
              request -> {
                TrunkKey.check(trunk, request, seconds());
                String call = request.parameter("uuid").orElse(UUID.randomUUID().toString());
                return accepted(all, trunk, new VonageProtocol(call), request, "");
              });
        }
        case GENESYS ->
            routes.socket(
                path + "/media",
                request -> {
                  TrunkKey.check(trunk, request, seconds());
                  return accepted(all, trunk, new AudioHookProtocol(), request, "");
                });
        case ASTERISK ->
            routes.socket(
                path + "/media",
                request -> {
                  TrunkKey.check(trunk, request, seconds());
                  boolean named = request.listHeader("sec-websocket-protocol").contains("media");
                  return accepted(
                      all, trunk, new AsteriskProtocol(), request, named ? "media" : "");
                });
        case AUDIOSOCKET -> {
          try {
            servers.add(AudioSocketServer.open(trunk, configuration, all, context.workers()));
          } catch (IOException e) {
            close();
            throw new UncheckedIOException(
                "trunk " + trunk.name() + " cannot listen on " + configuration.audioSocket(), e);
          }
        }
      }
    }
  }

  /** The TCP port of the AudioSocket trunk of this name, -1 where there is none. */
  public int audioSocketPort(String trunk) {
    return servers.stream()
        .filter(server -> server.trunk().name().equals(trunk))
        .mapToInt(AudioSocketServer::port)
        .findFirst()
        .orElse(-1);
  }

  @Override
  public void close() {
    servers.forEach(AudioSocketServer::close);
    if (calls != null) {
      calls.hangUpAll("the gateway shuts down");
    }
  }

  private static SocketRoute.Accepted accepted(
      PhoneCalls calls,
      Trunk trunk,
      MediaProtocol protocol,
      HttpRequest request,
      String subprotocol) {
    return new SocketRoute.Accepted(
        new PhoneSocket(calls, trunk, protocol, request.remoteAddress()),
        subprotocol,
        MAXIMUM_MESSAGE);
  }

  /** Vonage asks what to do with a call: connect it to a WebSocket. */
  private static HttpResponse answer(Trunk trunk, HttpRequest request, GatewayContext context)
      throws HttpException {
    TrunkKey.check(trunk, request, seconds());
    String base =
        context
            .configuration()
            .publicUrl()
            .map(url -> url.replaceFirst("/+$", "") + request.path())
            .orElse(request.uri().replaceFirst("\\?.*$", ""))
            .replaceFirst("/[^/]*$", "")
            .replaceFirst("^http", "ws");
    return HttpResponse.json(
        200, VonageAnswer.connect(base + "/media", TrunkKey.ticket(trunk, seconds()), request));
  }

  private static long seconds() {
    return System.currentTimeMillis() / 1000;
  }
}
