package io.antiphon.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A node of the gateway in a process of its own, which can be killed. */
public final class GatewayProcess implements AutoCloseable {
  private static final String LISTENING = "listening on ";

  private final Process process;
  private final String url;
  private final String management;

  private GatewayProcess(Process process, String url, String management) {
    this.process = process;
    this.url = url;
    this.management = management;
  }

  /** Returns when it listens. */
  public static GatewayProcess start(String bootstrapServers, int index, int count)
      throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                classPath,
                GatewayProcess.class.getName(),
                bootstrapServers,
                String.valueOf(index),
                String.valueOf(count))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(LISTENING)) {
        // What it logs later must not fill the pipe and stop it.
        Thread drain =
            new Thread(() -> lines.lines().forEach(logged -> {}), "gateway-process-output");
        drain.setDaemon(true);
        drain.start();
        String[] addresses = line.substring(LISTENING.length()).split(" ");
        return new GatewayProcess(process, addresses[0], addresses[1]);
      }
    }
    throw new IOException("the gateway's process ended with " + process.toHandle());
  }

  public String url() {
    return url;
  }

  /** Where health and metrics are served. */
  public String management() {
    return management;
  }

  public long pid() {
    return process.pid();
  }

  /** Without a good-bye: SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Broker, index and number of the nodes. */
  public static void main(String[] arguments) throws Exception {
    GatewayServer gateway =
        GatewayServer.start(
            TestGateway.node(
                arguments[0], Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2])),
            List.of());
    System.out.println(LISTENING + gateway.url() + " http://127.0.0.1:" + gateway.managementPort());
    Thread.currentThread().join();
  }
}
