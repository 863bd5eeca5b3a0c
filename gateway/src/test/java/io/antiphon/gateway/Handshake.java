package io.antiphon.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Requests written byte by byte: also such as no client's library would send. */
public final class Handshake {
  private static final int PATIENCE_MILLIS = 20_000;

  private Handshake() {}

  /**
   * Asks for a WebSocket.
   *
   * @param headers lines such as "Authorization: Bearer x"
   * @return the HTTP status; 101 where the socket was opened, which is then closed at once
   */
  public static int webSocket(int port, String target, List<String> headers) throws IOException {
    return status(
        port,
        "GET "
            + target
            + " HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        headers,
        "");
  }

  /** Sends a request with a body and returns the HTTP status. */
  public static int request(
      int port, String method, String target, List<String> headers, String body)
      throws IOException {
    return status(
        port,
        method
            + " "
            + target
            + " HTTP/1.1\r\nConnection: close\r\nContent-Length: "
            + body.getBytes(StandardCharsets.UTF_8).length
            + "\r\n",
        headers,
        body);
  }

  private static int status(int port, String begin, List<String> headers, String body)
      throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      StringBuilder text = new StringBuilder(begin).append("Host: 127.0.0.1:" + port + "\r\n");
      headers.forEach(header -> text.append(header).append("\r\n"));
      text.append("\r\n").append(body);
      socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.UTF_8));
      String line =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      if (line == null || !line.startsWith("HTTP/1.1 ")) {
        throw new IOException("no answer but " + line);
      }
      return Integer.parseInt(line.substring(9, 12));
    }
  }
}
