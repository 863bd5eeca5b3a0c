package io.antiphon.local;

import io.antiphon.jobs.configuration.AgentConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A Kafka broker of one node as a process of its own, for a cluster on one machine: formats its log
 * directory at the first start, creates the topics where they are missing, prints the bootstrap
 * address when it takes records, and ends at SIGTERM. Its log stays, so a broker started again goes
 * on with the same records.
 */
public final class StandaloneBroker {
  private StandaloneBroker() {}

  /**
   * @param arguments the broker's own properties file, then the job's configuration, from which it
   *     takes address and topics and, for their partitions, the parallelism
   * @throws LocalServiceException if the broker cannot be reached or refuses the topics
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2) {
      throw new IllegalArgumentException(
          "the arguments are \""
              + String.join(" ", arguments)
              + "\"; expected BROKER.properties AGENT.yaml");
    }
    Properties settings = read(Path.of(arguments[0]));
    AgentConfiguration agent =
        AgentConfiguration.read(Optional.of(Path.of(arguments[1])), Map.of());
    KafkaConfig broker = new KafkaConfig(settings, false);
    formatOnce(settings);
    KafkaRaftServer server = new KafkaRaftServer(broker, Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "antiphon-broker-shutdown"));
    server.startup();
    TopicCreator.create(
        agent.kafka().clientProperties(), agent.topics(), agent.dataflow().parallelism());
    System.out.println(agent.kafka().bootstrapServers());
    server.awaitShutdown();
  }

  private static Properties read(Path file) throws IOException {
    Properties settings = new Properties();
    try (InputStream stream = Files.newInputStream(file)) {
      settings.load(stream);
    }
    return settings;
  }

  private static void formatOnce(Properties settings) throws Exception {
    Formatter formatter = new Formatter();
    formatter.setPrintStream(
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    formatter.setIgnoreFormatted(true);
    formatter.setClusterId(clusterId(settings));
    formatter.setNodeId(Integer.parseInt(settings.getProperty("node.id")));
    formatter.setControllerListenerName(settings.getProperty("controller.listener.names"));
    formatter.setMetadataLogDirectory(settings.getProperty("log.dirs"));
    formatter.addDirectory(settings.getProperty("log.dirs"));
    formatter.setReleaseVersion(MetadataVersion.latestProduction());
    formatter.run();
  }

  /** Of the log directory if it is formatted already, which a formatter must name again. */
  private static String clusterId(Properties settings) throws IOException {
    Path formatted = Path.of(settings.getProperty("log.dirs"), "meta.properties");
    return Files.exists(formatted)
        ? read(formatted).getProperty("cluster.id")
        : Uuid.randomUuid().toString();
  }
}
