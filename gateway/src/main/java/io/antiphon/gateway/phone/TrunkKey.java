package io.antiphon.gateway.phone;

import io.antiphon.gateway.security.Hashes;
import io.antiphon.gateway.server.HttpException;
import io.antiphon.gateway.server.HttpRequest;
import io.antiphon.gateway.server.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * Whether a request comes from a trunk's provider. Twilio signs; the others carry the trunk's key
 * as {@code X-API-KEY}, as bearer, as password of Basic or as query parameter {@code key}, or a
 * ticket that a webhook gave them and that soon runs out. Every comparison takes the same time
 * whatever is wrong.
 */
final class TrunkKey {
  /** Between a webhook's answer and the handshake that it asks for. */
  private static final long TICKET_SECONDS = 60;

  private TrunkKey() {}

  static HttpException refused() {
    return new HttpException(
        HttpResponse.json(401, "{\"error\":{\"message\":\"wrong key or signature\"}}"));
  }

  /**
   * Refuses a request without the trunk's key.
   *
   * @param nowSeconds since 1970, for tickets
   */
  static void check(Trunk trunk, HttpRequest request, long nowSeconds) throws HttpException {
    Optional<String> ticket = request.parameter("ticket");
    if (ticket.isPresent()) {
      if (!ticketHolds(trunk, ticket.get(), nowSeconds)) {
        throw refused();
      }
      return;
    }
    String key =
        request
            .header("x-api-key")
            .or(() -> request.header("authorization").flatMap(TrunkKey::credential))
            .or(() -> request.parameter("key"))
            .orElse("");
    if (!MessageDigest.isEqual(
        Hashes.sha256(key).getBytes(StandardCharsets.US_ASCII),
        trunk.secret().getBytes(StandardCharsets.US_ASCII))) {
      throw refused();
    }
  }

  /** Good for one minute, on every node that has the same configuration. */
  static String ticket(Trunk trunk, long nowSeconds) {
    String expires = String.valueOf(nowSeconds + TICKET_SECONDS);
    return expires + "." + ticketCode(trunk, expires);
  }

  private static boolean ticketHolds(Trunk trunk, String ticket, long nowSeconds) {
    int dot = ticket.indexOf('.');
    String expires = dot < 0 ? "" : ticket.substring(0, dot);
    boolean inTime =
        expires.matches("[0-9]{1,12}")
            && Long.parseLong(expires) >= nowSeconds
            && Long.parseLong(expires) <= nowSeconds + TICKET_SECONDS;
    return MessageDigest.isEqual(
            ticketCode(trunk, expires).getBytes(StandardCharsets.US_ASCII),
            ticket.substring(dot + 1).getBytes(StandardCharsets.UTF_8))
        && inTime;
  }

  private static String ticketCode(Trunk trunk, String expires) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(
            Hashes.hmac(
                trunk.secret().getBytes(StandardCharsets.US_ASCII),
                ("ticket\n" + trunk.name() + "\n" + expires).getBytes(StandardCharsets.UTF_8)));
  }

  private static Optional<String> credential(String header) {
    if (header.startsWith("Bearer ")) {
      return Optional.of(header.substring("Bearer ".length()).strip());
    }
    if (header.startsWith("Basic ")) {
      try {
        String pair =
            new String(
                Base64.getDecoder().decode(header.substring("Basic ".length()).strip()),
                StandardCharsets.UTF_8);
        return Optional.of(pair.substring(pair.indexOf(':') + 1));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }
}
