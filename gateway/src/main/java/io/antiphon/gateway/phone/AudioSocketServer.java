package io.antiphon.gateway.phone;

import io.antiphon.gateway.configuration.AudioSocketConfiguration;
import io.antiphon.gateway.server.Strand;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for Asterisk's AudioSocket: one selector thread reads and writes, strands do the rest.
 * What waits to be written is bounded; a peer that does not read is cut.
 */
final class AudioSocketServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AudioSocketServer.class);

  private static final int READ_BYTES = 8_192;

  /** Messages that may wait for a peer: 10 s of frames. */
  private static final int MAXIMUM_WAITING = 500;

  /** Reads that may wait for a strand: more than a second of bursts. */
  private static final int STRAND_CAPACITY = 256;

  private final Trunk trunk;
  private final PhoneConfiguration configuration;
  private final PhoneCalls calls;
  private final Executor workers;
  private final Selector selector;
  private final ServerSocketChannel server;
  private final int port;
  private final Thread thread;
  private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);

  private AudioSocketServer(
      Trunk trunk,
      PhoneConfiguration configuration,
      PhoneCalls calls,
      Executor workers,
      Selector selector,
      ServerSocketChannel server)
      throws IOException {
    this.trunk = trunk;
    this.configuration = configuration;
    this.calls = calls;
    this.workers = workers;
    this.selector = selector;
    this.server = server;
    port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    thread = new Thread(this::run, "audiosocket-" + trunk.name());
    thread.setDaemon(true);
  }

  static AudioSocketServer open(
      Trunk trunk, PhoneConfiguration configuration, PhoneCalls calls, Executor workers)
      throws IOException {
    AudioSocketConfiguration listen = configuration.audioSocket();
    Selector selector = Selector.open();
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      server.bind(new InetSocketAddress(listen.host(), listen.port()));
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      AudioSocketServer opened =
          new AudioSocketServer(trunk, configuration, calls, workers, selector, server);
      opened.thread.start();
      return opened;
    } catch (IOException e) {
      server.close();
      selector.close();
      throw e;
    }
  }

  Trunk trunk() {
    return trunk;
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    try {
      server.close();
      selector.close();
    } catch (IOException e) {
      LOG.warn("The AudioSocket of trunk {} closes badly", trunk.name(), e);
    }
  }

  private void run() {
    try {
      while (selector.isOpen()) {
        selector.select();
        Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
        while (keys.hasNext()) {
          SelectionKey key = keys.next();
          keys.remove();
          if (key.isValid() && key.isAcceptable()) {
            accept();
          } else if (key.isValid()) {
            ((Peer) key.attachment()).ready();
          }
        }
      }
    } catch (ClosedSelectorException e) {
      LOG.debug("The AudioSocket of trunk {} is closed", trunk.name());
    } catch (IOException | RuntimeException e) {
      LOG.error("The AudioSocket of trunk {} takes no more calls", trunk.name(), e);
    } finally {
      close();
    }
  }

  private void accept() throws IOException {
    SocketChannel channel = server.accept();
    if (channel == null) {
      return;
    }
    String remote = ((InetSocketAddress) channel.getRemoteAddress()).getAddress().getHostAddress();
    if (!configuration.audioSocket().peers().contains(remote)) {
      LOG.warn("The AudioSocket of trunk {} takes no calls from {}", trunk.name(), remote);
      channel.close();
      return;
    }
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    var unused = new Peer(channel, remote);
  }

  /** One connection. */
  private final class Peer implements PhoneLine {
    private final SocketChannel channel;
    private final Strand strand = new Strand(workers, STRAND_CAPACITY);
    private final MediaStream stream;
    private final Deque<ByteBuffer> waiting = new ArrayDeque<>();
    private final SelectionKey key;
    private boolean closing;

    /** Registers itself, from when on it is told what its channel is ready for. */
    private Peer(SocketChannel channel, String remote) throws ClosedChannelException {
      this.channel = channel;
      stream = new MediaStream(calls, trunk, new AudioSocketProtocol(), this, strand, remote);
      key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    @Override
    public void send(WireMessage message) {
      if (message instanceof WireMessage.Binary binary) {
        synchronized (waiting) {
          if (closing) {
            return;
          }
          if (waiting.size() == MAXIMUM_WAITING) {
            LOG.warn("A call of trunk {} is cut: its peer does not read", trunk.name());
            cut();
            return;
          }
          waiting.add(ByteBuffer.wrap(binary.bytes()));
        }
        writeSoon();
      } else if (message instanceof WireMessage.Close close) {
        close(close.code(), close.reason());
      }
    }

    @Override
    public void close(int code, String reason) {
      synchronized (waiting) {
        closing = true;
      }
      writeSoon();
    }

    private void writeSoon() {
      try {
        key.interestOpsOr(SelectionKey.OP_WRITE);
        selector.wakeup();
      } catch (RuntimeException e) { // The key or the selector is closed: so is the call.
        LOG.debug("A call of trunk {} is closed already", trunk.name());
      }
    }

    private void ready() {
      try {
        if (key.isWritable()) {
          write();
        }
        if (key.isValid() && key.isReadable()) {
          read();
        }
      } catch (IOException e) {
        LOG.debug("A call of trunk {} broke off: {}", trunk.name(), e.getMessage());
        cut();
      }
    }

    private void read() throws IOException {
      buffer.clear();
      int length = channel.read(buffer);
      if (length < 0) {
        cut();
        return;
      }
      byte[] bytes = new byte[length];
      buffer.flip().get(bytes);
      if (!strand.offer(() -> stream.receive(protocol -> protocol.binary(bytes)))) {
        LOG.warn("A call of trunk {} is cut: it sends more than can be read", trunk.name());
        cut();
      }
    }

    private void write() throws IOException {
      boolean done;
      synchronized (waiting) {
        while (!waiting.isEmpty()) {
          channel.write(waiting.peek());
          if (waiting.peek().hasRemaining()) {
            return;
          }
          waiting.remove();
        }
        key.interestOpsAnd(~SelectionKey.OP_WRITE);
        done = closing;
      }
      if (done) {
        cut();
      }
    }

    private void cut() {
      synchronized (waiting) {
        closing = true;
        waiting.clear();
      }
      key.cancel();
      try {
        channel.close();
      } catch (IOException e) {
        LOG.debug("A call of trunk {} closes badly: {}", trunk.name(), e.getMessage());
      }
      strand.force(stream::gone);
    }
  }
}
