package io.antiphon.gateway.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link SocketHandler} on a Jetty session. One message at a time is read and handed to the
 * strand; the next one is asked for when it was handled. What was sent and not yet taken by the
 * network is counted.
 */
public final class JettySocket implements Session.Listener, Connection {
  private static final Logger LOG = LoggerFactory.getLogger(JettySocket.class);
  private static final int BROKEN_OFF = 1006;
  private static final int INTERNAL_ERROR = 1011;
  private static final int LONGEST_REASON = 123;

  private final String id;
  private final SocketHandler handler;
  private final Strand strand;
  private final SocketLimits limits;
  private final int maximumMessageBytes;
  private final Owner owner;
  private final AtomicLong unsentBytes = new AtomicLong();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile long progressAt = System.nanoTime();
  private volatile @Nullable Session session;

  /** Hears of connections as they come and go. */
  interface Owner {
    void opened(JettySocket socket);

    void closed(JettySocket socket);

    void cut(JettySocket socket, String why);
  }

  JettySocket(
      String id,
      SocketHandler handler,
      Strand strand,
      SocketLimits limits,
      int maximumMessageBytes,
      Owner owner) {
    this.id = id;
    this.handler = handler;
    this.strand = strand;
    this.limits = limits;
    this.maximumMessageBytes = maximumMessageBytes;
    this.owner = owner;
  }

  @Override
  public void onWebSocketOpen(Session opened) {
    opened.setIdleTimeout(limits.idle());
    opened.setMaxTextMessageSize(maximumMessageBytes);
    opened.setMaxBinaryMessageSize(maximumMessageBytes);
    session = opened;
    owner.opened(this);
    strand.force(
        () -> {
          guarded(() -> handler.opened(this));
          opened.demand();
        });
  }

  @Override
  public void onWebSocketText(String message) {
    handle(() -> handler.text(message));
  }

  @Override
  public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    callback.succeed();
    handle(() -> handler.binary(bytes));
  }

  @Override
  public void onWebSocketPing(ByteBuffer payload) {
    Session present = session;
    if (present != null) {
      present.sendPong(payload, Callback.NOOP);
      present.demand();
    }
  }

  @Override
  public void onWebSocketPong(ByteBuffer payload) {
    Session present = session;
    if (present != null) {
      present.demand();
    }
  }

  @Override
  public void onWebSocketClose(int statusCode, String reason, Callback callback) {
    end(statusCode, reason == null ? "" : reason);
    callback.succeed();
  }

  @Override
  public void onWebSocketError(Throwable cause) {
    LOG.debug("Connection {} broke off: {}", id, cause.toString());
    // A close follows where there was an open; where there was none nothing was begun.
    if (session == null) {
      end(BROKEN_OFF, "");
    }
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Strand strand() {
    return strand;
  }

  @Override
  public boolean open() {
    return !closing.get() && !ended.get();
  }

  @Override
  public void sendText(String message) {
    Session present = session;
    if (present != null && claim(message.length())) {
      present.sendText(message, sent(message.length()));
    }
  }

  @Override
  public void sendBinary(byte[] bytes) {
    Session present = session;
    if (present != null && claim(bytes.length)) {
      present.sendBinary(ByteBuffer.wrap(bytes), sent(bytes.length));
    }
  }

  @Override
  public void close(int code, String reason) {
    Session present = session;
    if (present != null && closing.compareAndSet(false, true)) {
      present.close(code, shortened(reason), Callback.NOOP);
    }
  }

  /** Ends the connection at once, without the peer's help. */
  void cut(String why) {
    Session present = session;
    if (present != null && !ended.get()) {
      closing.set(true);
      owner.cut(this, why);
      present.disconnect();
    }
  }

  /** Sends a ping, and cuts a peer that takes nothing. */
  void tick(long now) {
    Session present = session;
    if (present == null || !open()) {
      return;
    }
    if (unsentBytes.get() > 0 && now - progressAt > limits.stall().toNanos()) {
      cut("it took nothing for " + limits.stall().toSeconds() + " s");
      return;
    }
    present.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
  }

  void drain() {
    strand.force(() -> guarded(handler::draining));
  }

  private boolean claim(int bytes) {
    if (!open()) {
      return false;
    }
    long waiting = unsentBytes.getAndAdd(bytes);
    if (waiting == 0) {
      progressAt = System.nanoTime();
    }
    if (waiting + bytes > limits.maximumUnsentBytes()) {
      unsentBytes.addAndGet(-bytes);
      cut("more than " + limits.maximumUnsentBytes() + " bytes wait for it");
      return false;
    }
    return true;
  }

  private Callback sent(int bytes) {
    return Callback.from(
        () -> release(bytes),
        error -> {
          release(bytes);
          LOG.debug("Connection {} takes no more: {}", id, error.toString());
        });
  }

  private void release(int bytes) {
    progressAt = System.nanoTime();
    unsentBytes.addAndGet(-bytes);
  }

  private void handle(Runnable task) {
    strand.force(
        () -> {
          Session present = session;
          if (present == null || ended.get()) {
            return;
          }
          guarded(task);
          if (present.isOpen()) {
            present.demand();
          }
        });
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("Connection {} is closed for a fault of its handler", id, e);
      close(INTERNAL_ERROR, "internal error");
    }
  }

  private void end(int code, String reason) {
    if (ended.compareAndSet(false, true)) {
      owner.closed(this);
      strand.force(() -> guarded(() -> handler.closed(code, reason)));
    }
  }

  private static String shortened(String reason) {
    String cut = reason;
    while (cut.getBytes(StandardCharsets.UTF_8).length > LONGEST_REASON) {
      cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
    }
    return cut;
  }
}
