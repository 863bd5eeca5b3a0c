package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket of the JDK's. */
final class TestSocket implements WebSocket.Listener, AutoCloseable {
  private static final int PATIENCE_SECONDS = 20;

  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final LinkedBlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
  private final StringBuilder partial = new StringBuilder();
  private final WebSocket socket;

  /**
   * @param headers name, value, name, value ...
   * @throws CompletionException with a WebSocketHandshakeException when it is refused
   */
  TestSocket(HttpClient client, String uri, String subprotocol, String... headers) {
    WebSocket.Builder builder = client.newWebSocketBuilder();
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    if (!subprotocol.isEmpty()) {
      String[] all = subprotocol.split(", ", -1);
      builder.subprotocols(all[0], java.util.Arrays.copyOfRange(all, 1, all.length));
    }
    socket = builder.buildAsync(URI.create(uri), this).join();
  }

  String subprotocol() {
    return socket.getSubprotocol();
  }

  void send(String message) {
    socket.sendText(message, true).join();
  }

  /** Sends without waiting for it. */
  void begin(String message) {
    var unused = socket.sendText(message, true);
  }

  void abort() {
    socket.abort();
  }

  JsonNode next() throws InterruptedException {
    JsonNode event = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("nothing came");
    }
    return event;
  }

  int closeCode() throws Exception {
    return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      try {
        received.add(Wire.JSON.readTree(partial.toString()));
      } catch (JsonProcessingException e) {
        throw new CompletionException(e);
      }
      partial.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
