package io.antiphon.cli;

import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.local.LocalService;
import io.antiphon.serde.kafka.TopicNames;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Where the commands that hold conversations find the dataflow: in this process, or behind a broker
 * that is up already.
 */
final class BrokerOptions {
  /** Longer than any answer: nobody waits for playback where the answer goes into a file. */
  private static final String UNHEARD_LEAD = "1h";

  @Mixin private ServiceOptions service;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description =
          "Talk to a dataflow that is up already, such as that of serve, instead of starting one.")
  private @Nullable String bootstrap;

  /**
   * A way to the topics.
   *
   * @param service what was started in this process, to be stopped
   */
  record Connection(Properties clientProperties, TopicNames topics, Optional<LocalService> service)
      implements AutoCloseable {
    @Override
    public void close() {
      service.ifPresent(LocalService::close);
    }
  }

  /** A command's own callers are as many as it was told, and come as fast as they can. */
  private static Map<String, String> settings(boolean realTime) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("model.admission.capacity", "1000000");
    if (!realTime) {
      settings.put("model.maximumLead", UNHEARD_LEAD);
    }
    return settings;
  }

  /**
   * Starts the dataflow or, with --bootstrap, only looks up its address.
   *
   * @param realTime whether answers are heard as they are spoken, so that none is made far ahead
   */
  Connection connect(boolean realTime, PrintWriter progress) {
    if (bootstrap != null) {
      AgentConfiguration configuration =
          service.configuration(Map.of("kafka.bootstrapServers", bootstrap));
      return new Connection(
          configuration.kafka().clientProperties(), configuration.topics(), Optional.empty());
    }
    LocalService running = service.start(0, settings(realTime), progress);
    AgentConfiguration configuration = running.configuration();
    return new Connection(
        configuration.kafka().clientProperties(), configuration.topics(), Optional.of(running));
  }
}
