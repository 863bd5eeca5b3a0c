package io.antiphon.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/** A load balancer: what connects goes to the node that is named at that time, byte by byte. */
final class Balancer implements AutoCloseable {
  private final ServerSocket server;
  private volatile URI node;

  Balancer(String node) throws IOException {
    this.node = URI.create(node);
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** New connections go to another node. */
  void to(String other) {
    node = URI.create(other);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        try {
          Socket target = new Socket(node.getHost(), node.getPort());
          start(() -> copy(client, target));
          start(() -> copy(target, client));
        } catch (IOException e) { // The node is gone: so is the connection.
          client.close();
        }
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[16_384];
      for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
        out.write(bytes, 0, length);
      }
    } catch (IOException e) {
      // One side is gone: both are closed.
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "test-balancer");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
