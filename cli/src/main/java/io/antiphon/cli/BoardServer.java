package io.antiphon.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves the supervisor's page and what it asks for. It only reads; nothing that is said in a call
 * becomes markup, because it goes to the page as JSON and is set there as text.
 */
final class BoardServer implements AutoCloseable {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
          + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
  private static final String CALL = "/calls/";
  private static final int THREADS = 2;

  private final HttpServer server;
  private final ExecutorService threads;
  private final LiveCallBoard board;

  /**
   * @param address where to listen; port 0 for any free one
   * @throws IOException when the port is taken
   */
  BoardServer(InetSocketAddress address, LiveCallBoard board) throws IOException {
    this.board = board;
    this.server = HttpServer.create(address, 0);
    this.threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "antiphon-board");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath();
      if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", "only GET");
      } else if (path.equals("/")) {
        send(exchange, 200, "text/html", resource("board.html"));
      } else if (path.equals("/board.js")) {
        send(exchange, 200, "text/javascript", resource("board.js"));
      } else if (path.equals("/board.css")) {
        send(exchange, 200, "text/css", resource("board.css"));
      } else if (path.equals("/calls")) {
        send(exchange, 200, "application/json", board.calls());
      } else if (path.startsWith(CALL)) {
        Optional<String> call = id(path).flatMap(board::whole);
        send(
            exchange,
            call.isPresent() ? 200 : 404,
            "application/json",
            call.orElse("{\"error\":\"no such call\"}"));
      } else {
        send(exchange, 404, "text/plain", "no such page");
      }
    }
  }

  private static Optional<String> id(String path) {
    try {
      return Optional.of(
          URLDecoder.decode(
              path.substring(CALL.length()).replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // a broken escape names no call
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = BoardServer.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    exchange.getResponseHeaders().set("Content-Security-Policy", POLICY);
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
