package io.antiphon.gateway.security;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who came, with which key and how long: one line of JSON each, on a logger of its own. Never a
 * key, a token, audio or text. Thread safe.
 */
final class AuditLog {
  private static final Logger LOG = LoggerFactory.getLogger("io.antiphon.gateway.audit");

  void opened(Principal principal, String protocol, String remoteAddress) {
    write(
        event("session-opened", principal).put("protocol", protocol).put("remote", remoteAddress));
  }

  void closed(Principal principal, String protocol, String conversation, double seconds) {
    write(
        event("session-closed", principal)
            .put("protocol", protocol)
            .put("conversation", conversation)
            .put("seconds", seconds));
  }

  void limited(Principal principal, String protocol, String limit) {
    write(event("session-refused", principal).put("protocol", protocol).put("limit", limit));
  }

  void unknown(String remoteAddress, String path, String reason) {
    write(
        JsonNodeFactory.instance
            .objectNode()
            .put("event", "access-refused")
            .put("reason", reason)
            .put("path", path)
            .put("remote", remoteAddress));
  }

  private static ObjectNode event(String event, Principal principal) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("event", event)
        .put("tenant", principal.tenant())
        .put("name", principal.name());
  }

  private static void write(ObjectNode line) {
    LOG.info("{}", line);
  }
}
