package io.antiphon.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.client.BrokerErrors;
import io.antiphon.gateway.GatewayServer;
import io.antiphon.gateway.configuration.GatewayConfiguration;
import io.antiphon.gateway.page.PageProtocol;
import io.antiphon.gateway.phone.PhoneConfiguration;
import io.antiphon.gateway.phone.PhoneProtocol;
import io.antiphon.gateway.security.Hashes;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.local.LocalService;
import io.antiphon.serde.kafka.TopicNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lets OpenAI Realtime clients, telephones and browsers in. */
@Command(
    name = "gateway",
    description = {
      "Serves a page to talk to, the OpenAI Realtime API and telephones, until Ctrl-C.",
      "Starts the dataflow in this process, or stands before one that is up (--bootstrap).",
      "Prints the page's address, the Realtime URL and the telephones' URL."
    },
    mixinStandardHelpOptions = true)
final class GatewayCommand implements Callable<Integer> {
  private static final int KEY_BYTES = 24;

  /** Whose the key of the command line is. */
  private static final String TENANT = "local";

  @Mixin private ServiceOptions service;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description = "Stand before the dataflow behind this Kafka broker instead of starting one.")
  private @Nullable String bootstrap;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port to listen on; 8080 if not given, 0 for any free one.")
  private @Nullable String port;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "API key to let in; drawn if neither it nor keys are configured.")
  private @Nullable String key;

  @Option(
      names = "--gateway-config",
      paramLabel = "FILE",
      description = "YAML file with the gateway's settings that differ from the defaults.")
  private @Nullable Path file;

  @Option(
      names = "--gateway-set",
      paramLabel = "NAME=VALUE",
      description = "One setting of the gateway over those of the file, such as listen.host=::1.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--json", description = "Print one line of JSON once it is ready.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    // What can be wrong with the gateway's own settings is told before anything is started.
    GatewayConfiguration asked = configuration(Map.of());
    boolean open = asked.security().keys().isEmpty() && asked.security().tokenKeys().isEmpty();
    String accepted = key != null ? key : open ? drawKey() : null;
    AgentConfiguration dataflow =
        service.configuration(
            bootstrap == null ? Map.of() : Map.of("kafka.bootstrapServers", bootstrap));
    Optional<LocalService> running =
        bootstrap == null ? Optional.of(service.start(0, Map.of(), err)) : Optional.empty();
    AgentConfiguration behind = running.map(LocalService::configuration).orElse(dataflow);
    GatewayServer gateway;
    try {
      gateway =
          GatewayServer.start(
              configuration(overrides(behind, accepted)),
              List.of(
                  new PageProtocol(),
                  new PhoneProtocol(
                      accepted == null || !asked.telephones().trunks().isEmpty()
                          ? PhoneConfiguration.of(asked.telephones())
                          : PhoneConfiguration.trial(TENANT, accepted))));
    } catch (KafkaException e) {
      running.ifPresent(LocalService::close);
      throw BrokerErrors.explain(behind.kafka().clientProperties(), e);
    } catch (IOException e) {
      running.ifPresent(LocalService::close);
      err.println("Failed: " + e.getMessage());
      err.flush();
      return CommandRunner.FAILED;
    }
    tell(gateway, behind, accepted, out, err);
    AtomicBoolean stopping = new AtomicBoolean();
    CountDownLatch stopped = new CountDownLatch(1);
    Thread closing =
        new Thread(
            () -> {
              stopping.set(true);
              stop(gateway, running, err);
              stopped.countDown();
            },
            "antiphon-closing");
    Runtime.getRuntime().addShutdownHook(closing);
    if (running.isPresent()) {
      Throwable reason = running.get().job().ended().join();
      if (!stopping.get()) {
        err.println(
            "Failed: the job ended: " + (reason == null ? "cancelled" : reason.getMessage()));
        err.flush();
        return CommandRunner.FAILED;
      }
    }
    stopped.await();
    return 0;
  }

  private GatewayConfiguration configuration(Map<String, String> found) {
    Map<String, String> overrides = new LinkedHashMap<>(found);
    if (port != null) {
      overrides.put("listen.port", port);
    }
    overrides.putAll(settings);
    return GatewayConfiguration.read(Optional.ofNullable(file), overrides);
  }

  private static Map<String, String> overrides(
      AgentConfiguration behind, @Nullable String accepted) {
    TopicNames topics = behind.topics();
    Map<String, String> overrides = new LinkedHashMap<>();
    overrides.put("kafka.bootstrapServers", behind.kafka().bootstrapServers());
    overrides.put("kafka.audioChunks", topics.audioChunks());
    overrides.put("kafka.textResponses", topics.textResponses());
    overrides.put("kafka.speechResponses", topics.speechResponses());
    if (accepted != null) {
      overrides.put("security.keys.local", TENANT + ":" + Hashes.sha256(accepted));
    }
    return overrides;
  }

  private static String drawKey() {
    byte[] bytes = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(bytes);
    return "sk-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private void tell(
      GatewayServer gateway,
      AgentConfiguration behind,
      @Nullable String accepted,
      PrintWriter out,
      PrintWriter err) {
    String url = gateway.url();
    // Behind the hash the key stays in the browser.
    String page = accepted == null ? url + "/" : url + "/#key=" + accepted;
    String phone = url.replaceFirst("^http", "ws") + "/phone";
    if (json) {
      ObjectNode line = JsonNodeFactory.instance.objectNode();
      line.put("page", page)
          .put("realtime", url)
          .put("phone", phone)
          .put("key", accepted)
          .put("bootstrap", behind.kafka().bootstrapServers())
          .put("management", "http://127.0.0.1:" + gateway.managementPort());
      out.println(line);
    } else {
      out.println("Talk to it:  " + page);
      out.println("Realtime:    " + url + "/v1  (base URL of OpenAI clients)");
      out.println("Telephones:  " + phone);
      if (accepted != null) {
        out.println("Key:         " + accepted);
      }
    }
    out.flush();
    err.println("Ctrl-C ends it.");
    err.flush();
  }

  private static void stop(GatewayServer gateway, Optional<LocalService> running, PrintWriter err) {
    err.println("Stopping ...");
    err.flush();
    if (running.isEmpty()) {
      // A dataflow of this process ends with it: then nobody has anything to go on with.
      try {
        gateway.drain();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    gateway.close();
  }
}
