package io.antiphon.gateway.phone;

import io.antiphon.gateway.server.HttpException;
import io.antiphon.gateway.server.HttpRequest;
import io.antiphon.gateway.server.HttpResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Twilio's webhooks: a call that comes in is connected to a media stream; when the stream breaks
 * off, the call asks again and is connected anew, as long as its conversation has not ended.
 */
final class TwilioVoice {
  /** What of the form goes to the stream as parameters: the form's names and ours. */
  private static final Map<String, String> PARAMETERS = Map.of("From", "from", "To", "to");

  private static final int MAXIMUM_FIELDS = 200;

  private final Trunk trunk;
  private final Optional<String> publicUrl;
  private final PhoneCalls calls;

  TwilioVoice(Trunk trunk, Optional<String> publicUrl, PhoneCalls calls) {
    this.trunk = trunk;
    this.publicUrl = publicUrl;
    this.calls = calls;
  }

  /** The call's first question: what to do. */
  HttpResponse voice(HttpRequest request) throws HttpException {
    return connect(request, form(request));
  }

  /** The stream is over: what now? */
  HttpResponse action(HttpRequest request) throws HttpException {
    Map<String, List<String>> form = form(request);
    String call = form.getOrDefault("CallSid", List.of("")).get(0);
    if (calls.ended(trunk, call)) {
      return HttpResponse.text(200, "text/xml", "<Response><Hangup/></Response>");
    }
    return connect(request, form);
  }

  /** Refuses a handshake that Twilio has not signed. */
  void checkHandshake(HttpRequest request) throws HttpException {
    String url = url(request);
    String socket = url.replaceFirst("^http", "ws");
    String signature = request.header(TwilioSignature.HEADER).orElse("");
    boolean holds = TwilioSignature.holds(trunk.secret(), socket, Map.of(), signature);
    // Both forms of the scheme are seen in the field.
    holds |= TwilioSignature.holds(trunk.secret(), url, Map.of(), signature);
    if (!holds) {
      throw TrunkKey.refused();
    }
  }

  private HttpResponse connect(HttpRequest request, Map<String, List<String>> form) {
    String base = url(request).replaceFirst("\\?.*$", "").replaceFirst("/[^/]*$", "");
    StringBuilder twiml = new StringBuilder("<Response><Connect action=\"");
    twiml.append(escape(base + "/action")).append("\"><Stream url=\"");
    twiml.append(escape(base.replaceFirst("^http", "ws") + "/media")).append("\">");
    PARAMETERS.forEach(
        (field, name) -> {
          String value = form.getOrDefault(field, List.of("")).get(0);
          if (!value.isEmpty()) {
            twiml.append("<Parameter name=\"").append(name).append("\" value=\"");
            twiml.append(escape(value)).append("\"/>");
          }
        });
    twiml.append("</Stream></Connect></Response>");
    return HttpResponse.text(200, "text/xml", twiml.toString());
  }

  private Map<String, List<String>> form(HttpRequest request) throws HttpException {
    Map<String, List<String>> form = new LinkedHashMap<>();
    String[] pairs = request.text().split("&", MAXIMUM_FIELDS + 1);
    if (pairs.length > MAXIMUM_FIELDS) {
      throw new HttpException(
          HttpResponse.json(413, "{\"error\":{\"message\":\"too many fields\"}}"));
    }
    try {
      for (String pair : pairs) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          form.computeIfAbsent(
                  URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                  name -> new ArrayList<>())
              .add(URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
      }
    } catch (IllegalArgumentException e) {
      throw new HttpException(HttpResponse.json(400, "{\"error\":{\"message\":\"no form\"}}"));
    }
    String signature = request.header(TwilioSignature.HEADER).orElse("");
    if (!TwilioSignature.holds(trunk.secret(), url(request), form, signature)) {
      throw TrunkKey.refused();
    }
    return form;
  }

  /** As the provider called it, which a proxy in front may have changed. */
  private String url(HttpRequest request) {
    if (publicUrl.isEmpty()) {
      return request.uri().replaceFirst("^ws", "http");
    }
    int query = request.uri().indexOf('?');
    return publicUrl.get().replaceFirst("/+$", "")
        + request.path()
        + (query < 0 ? "" : request.uri().substring(query));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
