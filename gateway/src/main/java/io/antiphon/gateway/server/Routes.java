package io.antiphon.gateway.server;

/** Where a protocol says what it serves, before the server starts. */
public interface Routes {
  /**
   * Serves a path by HTTP.
   *
   * @param path exact, or a prefix that ends in {@code /*}
   */
  void http(String method, String path, HttpRoute route);

  /**
   * Serves WebSockets at a path.
   *
   * @param path as for {@link #http}
   */
  void socket(String path, SocketRoute route);
}
