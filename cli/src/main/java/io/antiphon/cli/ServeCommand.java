package io.antiphon.cli;

import io.antiphon.local.LocalService;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Keeps the dataflow up for any Kafka client. */
@Command(
    name = "serve",
    description = {
      "Starts Kafka, Flink and the dataflow in this process and keeps them up until Ctrl-C.",
      "Prints the bootstrap address for Kafka clients."
    },
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  @Mixin private ServiceOptions service;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port of the Kafka broker; ${DEFAULT-VALUE} if not given, 0 for any free one.",
      defaultValue = "9092")
  private int port;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (port < 0 || port > 65_535) {
      throw new InputException("--port is " + port + "; expected 0 to 65535");
    }
    LocalService running = service.start(port, Map.of(), err);
    AtomicBoolean stopping = new AtomicBoolean();
    Thread closing =
        new Thread(
            () -> {
              stopping.set(true);
              err.println("Stopping ...");
              err.flush();
            },
            "antiphon-closing");
    Runtime.getRuntime().addShutdownHook(closing);
    out.println(running.configuration().kafka().bootstrapServers());
    out.flush();
    err.println(
        "Serving topics "
            + String.join(", ", running.configuration().topics().all())
            + ". Ctrl-C ends it.");
    err.flush();

    Throwable reason = running.job().ended().join();
    if (stopping.get()) {
      closing.join();
      return 0;
    }
    err.println("Failed: the job ended: " + (reason == null ? "cancelled" : reason.getMessage()));
    err.flush();
    return CommandRunner.FAILED;
  }
}
