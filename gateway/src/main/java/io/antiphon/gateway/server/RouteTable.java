package io.antiphon.gateway.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Routes by path: an exact one first, then the longest prefix. Filled before the server starts. */
final class RouteTable implements Routes {
  private final Map<String, Map<String, HttpRoute>> http = new HashMap<>();
  private final Map<String, SocketRoute> sockets = new HashMap<>();

  @Override
  public void http(String method, String path, HttpRoute route) {
    if (http.computeIfAbsent(path, p -> new HashMap<>()).putIfAbsent(method, route) != null) {
      throw new IllegalStateException(method + " " + path + " is served already");
    }
  }

  @Override
  public void socket(String path, SocketRoute route) {
    if (sockets.putIfAbsent(path, route) != null) {
      throw new IllegalStateException("sockets of " + path + " are served already");
    }
  }

  Optional<SocketRoute> socket(String path) {
    return find(sockets, path);
  }

  /** By method; empty when nothing is served at the path. */
  Optional<Map<String, HttpRoute>> http(String path) {
    return find(http, path);
  }

  /** The methods of a path, sorted, for the header Allow. */
  static Set<String> methods(Map<String, HttpRoute> routes) {
    return new TreeSet<>(routes.keySet());
  }

  private static <T> Optional<T> find(Map<String, T> routes, String path) {
    T exact = routes.get(path);
    if (exact != null) {
      return Optional.of(exact);
    }
    for (int end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
      T prefix = routes.get(path.substring(0, end) + "/*");
      if (prefix != null) {
        return Optional.of(prefix);
      }
    }
    return Optional.empty();
  }
}
