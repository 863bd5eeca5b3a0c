package io.antiphon.gateway.phone;

import io.antiphon.gateway.security.LimitException;
import io.antiphon.gateway.server.Strand;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving side of one stream: messages become events of its call. Before the call starts, on
 * the stream's strand; from then on, on the call's, which also uses the protocol to send.
 */
final class MediaStream {
  private static final Logger LOG = LoggerFactory.getLogger(MediaStream.class);

  /** A message of either kind, to the protocol. */
  @FunctionalInterface
  interface Message {
    List<PhoneEvent> read(MediaProtocol protocol) throws MediaProtocolException;
  }

  private final PhoneCalls calls;
  private final Trunk trunk;
  private final MediaProtocol protocol;
  private final PhoneLine line;
  private final Strand strand;
  private final String remoteAddress;
  private volatile @Nullable PhoneCall call;
  private volatile boolean failed;

  MediaStream(
      PhoneCalls calls,
      Trunk trunk,
      MediaProtocol protocol,
      PhoneLine line,
      Strand strand,
      String remoteAddress) {
    this.calls = calls;
    this.trunk = trunk;
    this.protocol = protocol;
    this.line = line;
    this.strand = strand;
    this.remoteAddress = remoteAddress;
  }

  /** Takes the next message. */
  void receive(Message message) {
    PhoneCall started = call;
    if (started == null || started.strand() == strand) {
      read(message);
    } else if (!started.strand().offer(() -> read(message))) {
      fail(1013, "too much waits to be read");
    }
  }

  /** The socket is gone. */
  void gone() {
    PhoneCall started = call;
    if (started != null) {
      calls.lost(started, line, protocol.comesBack());
    }
  }

  private void read(Message message) {
    if (failed) {
      return;
    }
    try {
      for (PhoneEvent event : message.read(protocol)) {
        take(event);
      }
    } catch (MediaProtocolException e) {
      LOG.info("A stream of trunk {} is closed: {}", trunk.name(), e.getMessage());
      fail(e.closeCode(), e.getMessage());
    } catch (LimitException e) {
      LOG.info("A call of trunk {} is refused: {}", trunk.name(), e.getMessage());
      fail(1013, "limit of " + e.limit());
    }
  }

  private void take(PhoneEvent event) throws LimitException {
    PhoneCall started = call;
    if (event instanceof PhoneEvent.Started start) {
      call = calls.start(trunk, start.start(), strand, line, protocol, remoteAddress);
    } else if (started != null) {
      if (started.strand() == strand) {
        started.accept(line, event);
      } else {
        // Read on this strand with the start, or on the call's already; the order holds either way.
        started.strand().force(() -> started.accept(line, event));
      }
    } else if (event instanceof PhoneEvent.Reply reply) {
      line.send(reply.message());
    }
  }

  private void fail(int code, String reason) {
    failed = true;
    line.close(code, reason);
  }
}
