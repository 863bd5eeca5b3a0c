package io.antiphon.gateway.server;

import io.antiphon.gateway.configuration.ListenConfiguration;
import io.antiphon.gateway.metrics.GatewayMetrics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.ForwardedRequestCustomizer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jetty with two doors: the public one and, on its own port, the one for whoever runs the gateway.
 * Thread safe once started.
 */
public final class JettyServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JettyServer.class);
  private static final int MAXIMUM_BODY = 1 << 20;

  /** A client secret holds a whole session's configuration. */
  private static final int LARGEST_HEADER = 64 * 1024;

  private static final int JETTY_THREADS = 200;
  private static final int GOING_AWAY = 1001;
  private static final int ABNORMAL = 1006;
  private static final int SERVICE_RESTART = 1012;
  private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(10);
  private static final String PUBLIC = "public";

  private final Server server;
  private final ServerConnector publicDoor;
  private final ServerConnector managementDoor;
  private final RouteTable routes = new RouteTable();
  private final RouteTable management = new RouteTable();
  private final SocketLimits limits;
  private final int maximumConnections;
  private final Executor workers;
  private final ScheduledExecutorService clock;
  private final GatewayMetrics metrics;
  private final Set<JettySocket> sockets = ConcurrentHashMap.newKeySet();
  private final List<Runnable> renewals = new ArrayList<>();
  private final AtomicLong connections = new AtomicLong();
  private final ServerWebSocketContainer container;
  private volatile boolean draining;

  /**
   * @param workers runs handlers and HTTP routes
   * @param clock for pings and the certificate's renewal
   * @throws IOException when the certificate cannot be read
   */
  public JettyServer(
      ListenConfiguration listen,
      ListenConfiguration managementListen,
      SocketLimits limits,
      int maximumConnections,
      Executor workers,
      ScheduledExecutorService clock,
      GatewayMetrics metrics)
      throws IOException {
    this.limits = limits;
    this.maximumConnections = maximumConnections;
    this.workers = workers;
    this.clock = clock;
    this.metrics = metrics;
    QueuedThreadPool threads = new QueuedThreadPool(JETTY_THREADS, 8);
    threads.setName("antiphon-gateway");
    this.server = new Server(threads);
    this.publicDoor = door(PUBLIC, listen);
    this.managementDoor = door("management", managementListen);
    this.container = ServerWebSocketContainer.ensure(server);
    // Frames are counted by the sockets; a bound of Jetty's own would fail single messages.
    container.setIdleTimeout(limits.idle());
    server.setHandler(new Entrance());
    metrics.gauge("connections", sockets::size);
  }

  /** What the public door serves. Before the start. */
  public Routes routes() {
    return routes;
  }

  /** What the other door serves. Before the start. */
  public Routes management() {
    return management;
  }

  /**
   * Opens the doors.
   *
   * @throws IOException when a port cannot be listened on
   */
  public void start() throws IOException {
    try {
      server.start();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the server does not start: " + e.getMessage(), e);
    }
    long ping = limits.ping().toMillis();
    var unused = clock.scheduleWithFixedDelay(this::tick, ping, ping, TimeUnit.MILLISECONDS);
  }

  public int port() {
    return publicDoor.getLocalPort();
  }

  public int managementPort() {
    return managementDoor.getLocalPort();
  }

  /**
   * Takes no further sockets, waits until the open ones have ended or the time is over, and closes
   * the rest with 1012.
   */
  public void drain(Duration patience) throws InterruptedException {
    draining = true;
    sockets.forEach(JettySocket::drain);
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (sockets) {
      for (long left = deadline - System.nanoTime();
          !sockets.isEmpty() && left > 0;
          left = deadline - System.nanoTime()) {
        sockets.wait(Math.max(1, left / 1_000_000));
      }
    }
    sockets.forEach(socket -> socket.close(SERVICE_RESTART, "the gateway restarts"));
  }

  public boolean draining() {
    return draining;
  }

  @Override
  public void close() throws IOException {
    draining = true;
    sockets.forEach(socket -> socket.close(GOING_AWAY, "the gateway stops"));
    try {
      server.stop();
    } catch (Exception e) {
      throw new IOException("the server does not stop: " + e.getMessage(), e);
    }
  }

  private ServerConnector door(String name, ListenConfiguration listen) throws IOException {
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(LARGEST_HEADER);
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    if (listen.trustProxy()) {
      http.addCustomizer(new ForwardedRequestCustomizer());
    }
    ServerConnector door;
    if (listen.certificate().isPresent()) {
      SecureRequestCustomizer secure = new SecureRequestCustomizer();
      secure.setSniHostCheck(false);
      http.addCustomizer(secure);
      SslContextFactory.Server factory =
          certificates(listen.certificate().get(), listen.key().orElseThrow());
      door =
          new ServerConnector(
              server,
              new SslConnectionFactory(factory, "http/1.1"),
              new HttpConnectionFactory(http));
    } else {
      door = new ServerConnector(server, new HttpConnectionFactory(http));
    }
    door.setName(name);
    door.setHost(listen.host());
    door.setPort(listen.port());
    server.addConnector(door);
    return door;
  }

  private SslContextFactory.Server certificates(Path certificate, Path key) throws IOException {
    SslContextFactory.Server factory = new SslContextFactory.Server();
    factory.setKeyStore(TlsMaterial.read(certificate, key));
    factory.setKeyStorePassword(TlsMaterial.PASSWORD);
    Runnable renewal = new Renewal(factory, certificate, key);
    renewals.add(renewal);
    long check = CERTIFICATE_CHECK.toMillis();
    var unused = clock.scheduleWithFixedDelay(renewal, check, check, TimeUnit.MILLISECONDS);
    return factory;
  }

  /** Takes certificates whose files have changed; done from time to time by itself. */
  public void renewCertificates() {
    renewals.forEach(Runnable::run);
  }

  /** Watches the files of one certificate. */
  private static final class Renewal implements Runnable {
    private final SslContextFactory.Server factory;
    private final Path certificate;
    private final Path key;
    private FileTime known;

    Renewal(SslContextFactory.Server factory, Path certificate, Path key) throws IOException {
      this.factory = factory;
      this.certificate = certificate;
      this.key = key;
      this.known = modified(certificate, key);
    }

    @Override
    public synchronized void run() {
      try {
        FileTime now = modified(certificate, key);
        if (!now.equals(known)) {
          KeyStore renewed = TlsMaterial.read(certificate, key);
          factory.reload(f -> f.setKeyStore(renewed));
          known = now;
          LOG.info("The certificate {} was read anew", certificate);
        }
      } catch (Exception e) {
        // The old one goes on: half a renewal may be seen.
        LOG.warn("The certificate cannot be read anew: {}", e.getMessage());
      }
    }
  }

  private static FileTime modified(Path certificate, Path key) throws IOException {
    FileTime first = Files.getLastModifiedTime(certificate);
    FileTime second = Files.getLastModifiedTime(key);
    return first.compareTo(second) > 0 ? first : second;
  }

  private void tick() {
    long now = System.nanoTime();
    for (JettySocket socket : sockets) {
      try {
        socket.tick(now);
      } catch (RuntimeException e) {
        LOG.warn("Connection {} cannot be pinged: {}", socket.id(), e.toString());
      }
    }
  }

  /** Everything that comes in. */
  private final class Entrance extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      boolean open = PUBLIC.equals(request.getConnectionMetaData().getConnector().getName());
      RouteTable table = open ? routes : management;
      String path = Request.getPathInContext(request);
      boolean upgrade = "websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE));
      Optional<SocketRoute> socket = upgrade ? table.socket(path) : Optional.empty();
      if (socket.isPresent()) {
        upgrade(socket.get(), request, response, callback);
        return true;
      }
      Optional<Map<String, HttpRoute>> found = table.http(path);
      if (found.isEmpty()) {
        send(error(404, "not_found", "nothing is served at " + path), response, callback);
        return true;
      }
      HttpRoute route = found.get().get(request.getMethod());
      if (route == null) {
        response
            .getHeaders()
            .put(HttpHeader.ALLOW, String.join(", ", RouteTable.methods(found.get())));
        send(
            error(405, "method_not_allowed", request.getMethod() + " is not served at " + path),
            response,
            callback);
        return true;
      }
      answer(route, request, response, callback);
      return true;
    }

    private void answer(HttpRoute route, Request request, Response response, Callback callback) {
      Content.Source.asByteArrayAsync(
          request,
          MAXIMUM_BODY,
          new Promise.Invocable.NonBlocking<>() {
            @Override
            public void succeeded(byte[] body) {
              try {
                workers.execute(() -> send(respond(route, request, body), response, callback));
              } catch (RejectedExecutionException e) {
                send(error(503, "stopping", "the gateway stops"), response, callback);
              }
            }

            @Override
            public void failed(Throwable failure) {
              send(
                  error(413, "body_too_large", "at most " + MAXIMUM_BODY + " bytes are taken"),
                  response,
                  callback);
            }
          });
    }

    private HttpResponse respond(HttpRoute route, Request request, byte[] body) {
      try {
        return route.handle(read(request, body));
      } catch (HttpException e) {
        return e.response();
      } catch (RuntimeException e) {
        LOG.error("{} {} failed", request.getMethod(), Request.getPathInContext(request), e);
        return error(500, "internal_error", "the gateway made a mistake");
      }
    }

    private void upgrade(SocketRoute route, Request request, Response response, Callback callback) {
      if (draining) {
        send(error(503, "draining", "the gateway stops; come again"), response, callback);
        return;
      }
      if (sockets.size() >= maximumConnections) {
        metrics.counter("connections.refused").increment();
        send(
            error(503, "capacity", "this gateway has all the connections it takes"),
            response,
            callback);
        return;
      }
      SocketRoute.Accepted accepted;
      try {
        accepted = route.accept(read(request, new byte[0]));
      } catch (HttpException e) {
        send(e.response(), response, callback);
        return;
      } catch (RuntimeException e) {
        LOG.error("The handshake of {} failed", Request.getPathInContext(request), e);
        send(error(500, "internal_error", "the gateway made a mistake"), response, callback);
        return;
      }
      AtomicBoolean created = new AtomicBoolean();
      boolean handled = true;
      try {
        handled =
            container.upgrade(
                (upgrade, answer, ignored) -> {
                  if (!accepted.subprotocol().isEmpty()) {
                    answer.setAcceptedSubProtocol(accepted.subprotocol());
                  }
                  created.set(true);
                  return new JettySocket(
                      "connection-" + connections.incrementAndGet(),
                      accepted.handler(),
                      accepted.strand().orElseGet(() -> new Strand(workers, limits.waitingTasks())),
                      limits,
                      accepted.maximumMessageBytes(),
                      new Registry());
                },
                request,
                response,
                callback);
      } catch (RuntimeException e) {
        LOG.debug("A malformed handshake of {}", Request.getPathInContext(request), e);
        handled = false;
      } finally {
        if (!created.get()) {
          accepted.handler().closed(ABNORMAL, "no handshake");
        }
      }
      if (!handled) {
        send(
            error(400, "malformed_handshake", "this is no WebSocket handshake of version 13"),
            response,
            callback);
      }
    }
  }

  private final class Registry implements JettySocket.Owner {
    @Override
    public void opened(JettySocket socket) {
      sockets.add(socket);
      if (draining) {
        socket.drain();
      }
    }

    @Override
    public void closed(JettySocket socket) {
      synchronized (sockets) {
        sockets.remove(socket);
        sockets.notifyAll();
      }
    }

    @Override
    public void cut(JettySocket socket, String why) {
      metrics.counter("connections.cut").increment();
      LOG.warn("Connection {} is cut: {}", socket.id(), why);
    }
  }

  private static HttpResponse error(int status, String code, String message) {
    return HttpResponse.error(status, code, message);
  }

  private static HttpRequest read(Request request, byte[] body) {
    Map<String, List<String>> headers = new HashMap<>();
    for (HttpField field : request.getHeaders()) {
      headers
          .computeIfAbsent(field.getName().toLowerCase(Locale.ROOT), n -> new ArrayList<>())
          .add(field.getValue());
    }
    Map<String, List<String>> query = new HashMap<>();
    for (Fields.Field field : Request.extractQueryParameters(request)) {
      query.put(field.getName(), field.getValues());
    }
    return new HttpRequest(
        request.getMethod(),
        Request.getPathInContext(request),
        request.getHttpURI().asString(),
        request.isSecure(),
        Request.getRemoteAddr(request),
        query,
        headers,
        body);
  }

  private static void send(@Nullable HttpResponse answer, Response response, Callback callback) {
    HttpResponse sent =
        answer == null ? error(500, "internal_error", "the gateway made a mistake") : answer;
    response.setStatus(sent.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, sent.contentType());
    sent.headers().forEach((name, value) -> response.getHeaders().put(name, value));
    response.write(true, ByteBuffer.wrap(sent.body()), callback);
  }
}
