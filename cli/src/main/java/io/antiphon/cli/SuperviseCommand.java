package io.antiphon.cli;

import io.antiphon.jobs.configuration.CallAnalyticsConfiguration;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows running calls on a page. */
@Command(
    name = "supervise",
    description = {
      "Shows on a page of this machine the calls that call analytics listens to, worst first, and one of them in full.",
      "Reads call-metrics, call-segments and call-events; texts on it are redacted. Ctrl-C ends it."
    },
    mixinStandardHelpOptions = true)
final class SuperviseCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The configuration of the job of call analytics: where Kafka is, names of topics.")
  private @Nullable Path file;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description = "Where Kafka is, in place of what the configuration says.")
  private @Nullable String bootstrap;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Port of the page, on loopback; ${DEFAULT-VALUE} if not given, 0 for any free one.",
      defaultValue = "8090")
  private int port;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    if (port < 0 || port > 65_535) {
      throw new InputException("--port is " + port + "; expected 0 to 65535");
    }
    Map<String, String> overrides = new LinkedHashMap<>();
    if (bootstrap != null) {
      overrides.put("kafka.bootstrapServers", bootstrap);
    }
    CallAnalyticsConfiguration configuration =
        CallAnalyticsConfiguration.read(Optional.ofNullable(file), overrides);
    LiveCallBoard board = new LiveCallBoard();
    AtomicBoolean stopping = new AtomicBoolean();
    try (BoardFeed feed =
            new BoardFeed(
                configuration.kafka().clientProperties(),
                configuration.topics().callMetrics(),
                configuration.topics().callSegments(),
                configuration.topics().callEvents(),
                board);
        BoardServer server =
            new BoardServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), board)) {
      Thread closing =
          new Thread(
              () -> {
                stopping.set(true);
                feed.close();
              },
              "antiphon-closing");
      Runtime.getRuntime().addShutdownHook(closing);
      PrintWriter out = spec.commandLine().getOut();
      out.println("http://localhost:" + server.port());
      out.flush();
      try {
        feed.ended().join();
      } catch (CompletionException e) {
        Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
        err.println("Failed: the topics cannot be read: " + cause.getMessage());
        err.flush();
        return CommandRunner.FAILED;
      }
    }
    return 0;
  }
}
