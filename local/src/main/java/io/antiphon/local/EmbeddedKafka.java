package io.antiphon.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka broker of one node (broker and KRaft controller) in this process, on the loopback
 * interface, with its log in a temporary directory that is deleted at {@link #close()}.
 *
 * <p>Thread safe after construction; {@code close} may be called more than once.
 */
public final class EmbeddedKafka implements AutoCloseable {
  /**
   * The largest record the broker takes: larger than any record Antiphon accepts, so that the
   * dataflow itself refuses it with a reason.
   */
  public static final int MAXIMUM_RECORD_BYTES = 16 << 20;

  private static final int NODE = 1;

  private final Path directory;
  private final int port;
  private final KafkaRaftServer server;

  @GuardedBy("this")
  private boolean closed;

  private EmbeddedKafka(Path directory, int port, KafkaRaftServer server) {
    this.directory = directory;
    this.port = port;
    this.server = server;
  }

  /** Starts a broker on a free port. */
  public static EmbeddedKafka start() {
    return start(0);
  }

  /**
   * Starts a broker; returns when it takes connections (some three seconds).
   *
   * @param port the port of the clients' listener, 0 for a free one
   * @throws LocalServiceException if the port is taken or the broker does not come up
   */
  public static EmbeddedKafka start(int port) {
    Path directory = null;
    try {
      directory = ProcessDirectories.create("kafka");
      int[] ports = freePorts(port);
      String cluster = Uuid.randomUuid().toString();
      format(directory, cluster);
      KafkaRaftServer server =
          new KafkaRaftServer(
              new KafkaConfig(settings(directory, ports[0], ports[1]), false), Time.SYSTEM);
      EmbeddedKafka kafka = new EmbeddedKafka(directory, ports[0], server);
      try {
        server.startup();
      } catch (RuntimeException | Error e) {
        kafka.close();
        throw e;
      }
      return kafka;
    } catch (LocalServiceException e) {
      deleteTree(directory);
      throw e;
    } catch (Exception e) {
      deleteTree(directory);
      throw new LocalServiceException(
          "the embedded Kafka broker did not start: " + e.getMessage(), e);
    }
  }

  /** Address for {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "localhost:" + port;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    server.shutdown();
    server.awaitShutdown();
    deleteTree(directory);
  }

  private static void format(Path directory, String cluster) throws Exception {
    Formatter formatter = new Formatter();
    formatter.setPrintStream(
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    formatter.setClusterId(cluster);
    formatter.setNodeId(NODE);
    formatter.setControllerListenerName("CONTROLLER");
    formatter.setMetadataLogDirectory(directory.toString());
    formatter.addDirectory(directory.toString());
    formatter.setReleaseVersion(MetadataVersion.latestProduction());
    formatter.run();
  }

  private static Properties settings(Path directory, int clientPort, int controllerPort) {
    Properties settings = new Properties();
    settings.setProperty("process.roles", "broker,controller");
    settings.setProperty("node.id", Integer.toString(NODE));
    settings.setProperty("log.dirs", directory.toString());
    settings.setProperty(
        "listeners",
        "CLIENTS://localhost:" + clientPort + ",CONTROLLER://localhost:" + controllerPort);
    settings.setProperty("advertised.listeners", "CLIENTS://localhost:" + clientPort);
    settings.setProperty(
        "listener.security.protocol.map", "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.setProperty("inter.broker.listener.name", "CLIENTS");
    settings.setProperty("controller.listener.names", "CONTROLLER");
    settings.setProperty("controller.quorum.voters", NODE + "@localhost:" + controllerPort);
    // One node: internal topics have one replica and few partitions.
    settings.setProperty("offsets.topic.num.partitions", "1");
    settings.setProperty("offsets.topic.replication.factor", "1");
    settings.setProperty("transaction.state.log.num.partitions", "1");
    settings.setProperty("transaction.state.log.replication.factor", "1");
    settings.setProperty("transaction.state.log.min.isr", "1");
    settings.setProperty("share.coordinator.state.topic.num.partitions", "1");
    settings.setProperty("share.coordinator.state.topic.replication.factor", "1");
    settings.setProperty("share.coordinator.state.topic.min.isr", "1");
    settings.setProperty("group.initial.rebalance.delay.ms", "0");
    settings.setProperty("auto.create.topics.enable", "false");
    settings.setProperty("log.cleaner.dedupe.buffer.size", "2097152");
    settings.setProperty("message.max.bytes", Integer.toString(MAXIMUM_RECORD_BYTES));
    settings.setProperty("socket.request.max.bytes", Integer.toString(2 * MAXIMUM_RECORD_BYTES));
    settings.setProperty("num.network.threads", "2");
    settings.setProperty("num.io.threads", "2");
    settings.setProperty("controlled.shutdown.enable", "false");
    // The first election otherwise waits a second for voters that do not exist.
    settings.setProperty("controller.quorum.election.timeout.ms", "200");
    settings.setProperty("controller.quorum.election.backoff.max.ms", "100");
    return settings;
  }

  private static int[] freePorts(int wanted) {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket clients = new ServerSocket();
        ServerSocket controller = new ServerSocket()) {
      clients.setReuseAddress(true);
      try {
        clients.bind(new InetSocketAddress(loopback, wanted));
      } catch (IOException e) {
        throw new LocalServiceException(
            "port "
                + wanted
                + " is not free for the Kafka broker ("
                + e.getMessage()
                + "); expected a free port, or 0 for any",
            e);
      }
      controller.bind(new InetSocketAddress(loopback, 0));
      return new int[] {clients.getLocalPort(), controller.getLocalPort()};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteTree(@Nullable Path root) {
    ProcessDirectories.delete(root);
  }
}
