package io.antiphon.gateway.page;

import io.antiphon.gateway.GatewayContext;
import io.antiphon.gateway.Protocol;
import io.antiphon.gateway.server.HttpRequest;
import io.antiphon.gateway.server.HttpResponse;
import io.antiphon.gateway.server.Routes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Serves the browser's page at {@code /} from the class path: read once, small, the same on every
 * node. The page talks to its own origin only.
 */
public final class PageProtocol implements Protocol {
  private static final List<String> FILES =
      List.of(
          "index.html",
          "page.css",
          "icon.svg",
          "main.js",
          "audio.js",
          "capture-worklet.js",
          "connection.js",
          "conversation.js",
          "jitter-buffer.js",
          "playback-worklet.js",
          "recording.js",
          "settings.js",
          "sound.js",
          "view.js");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
          + " connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  @Override
  public void install(Routes routes, GatewayContext context) {
    for (String file : FILES) {
      Served served = Served.read(file);
      routes.http("GET", "/" + file, served::answer);
      if (file.equals("index.html")) {
        routes.http("GET", "/", served::answer);
      }
    }
  }

  private record Served(HttpResponse whole, HttpResponse unchanged, String tag) {
    private static Served read(String file) {
      try (InputStream in = PageProtocol.class.getResourceAsStream("files/" + file)) {
        if (in == null) {
          throw new IllegalStateException("the page's file " + file + " is not on the class path");
        }
        byte[] bytes = in.readAllBytes();
        String tag = "\"" + digest(bytes) + "\"";
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ETag", tag);
        // Asked again each time, answered by 304: a new release is never mixed with an old one.
        headers.put("Cache-Control", "no-cache");
        headers.put("Content-Security-Policy", POLICY);
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Permissions-Policy", "microphone=(self), screen-wake-lock=(self)");
        String type =
            Objects.requireNonNull(TYPES.get(file.substring(file.lastIndexOf('.') + 1)), file);
        return new Served(
            new HttpResponse(200, type, headers, bytes),
            new HttpResponse(304, type, headers, new byte[0]),
            tag);
      } catch (IOException e) {
        throw new UncheckedIOException("the page's file " + file + " cannot be read", e);
      }
    }

    private HttpResponse answer(HttpRequest request) {
      return request.listHeader("if-none-match").contains(tag) ? unchanged : whole;
    }

    private static String digest(byte[] bytes) {
      try {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
        return HexFormat.of().formatHex(digest, 0, 8);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("SHA-256 belongs to every Java platform", e);
      }
    }
  }
}
