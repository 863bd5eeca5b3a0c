package io.antiphon.chaos.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.chaos.ChaosException;
import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.jobs.configuration.AgentConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster of processes of its own, made with the scripts of {@code deploy/local}: own run folder,
 * own ports. For one thread.
 */
public final class LocalCluster implements AutoCloseable {
  public static final String BROKER = "broker";
  public static final String JOB_MANAGER = "jobmanager";
  public static final List<String> TASK_MANAGERS = List.of("taskmanager-1", "taskmanager-2");

  private static final String FLINK = "dataflow.flink.";
  private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SCRIPT_PATIENCE = Duration.ofMinutes(5);
  private static final Duration STANDBY_PATIENCE = Duration.ofMinutes(1);
  private static final Pattern PREPARED =
      Pattern.compile(" (standing by for|this TaskManager does not stand by)");
  private static final int PORTS = 5;
  private static final int LOWEST_PORT = 20_000;
  private static final int HIGHEST_PORT = 30_000;

  private final Path scripts;
  private final Path run;
  private final Map<String, String> settings;
  private final int firstPort;

  /**
   * @param root of the checkout, built
   * @param run folder of logs, checkpoints and the broker's records; made if missing
   * @param settings of the job by dotted name, over those that a run needs
   * @throws InvalidConfigurationException if they do not go together, before anything is started
   */
  public LocalCluster(Path root, Path run, Map<String, String> settings) throws IOException {
    this.scripts = root.resolve("deploy/local").toAbsolutePath().normalize();
    this.run = Files.createDirectories(run.toAbsolutePath().normalize());
    this.firstPort = freePorts();
    this.settings = new HashMap<>();
    this.settings.put("kafka.bootstrapServers", "localhost:" + firstPort);
    this.settings.put("kafka.startingOffsets", "earliest");
    this.settings.put("model.bundle", root.resolve("models/nano").toAbsolutePath().toString());
    // Speech is made little ahead of its playback, so that a fault finds many in mid-sentence.
    this.settings.put("model.maximumLead", "600ms");
    // Whoever calls is taken: what is lost by a fault is looked for, not what is refused.
    this.settings.put("model.admission.capacity", "64");
    // It grows with failures that follow each other, as they do only here.
    String delay = FLINK + "restart-strategy.exponential-delay.";
    this.settings.put(delay + "initial-backoff", "1 ms");
    this.settings.put(delay + "max-backoff", "20 ms");
    this.settings.put(delay + "attempts-before-reset-backoff", "1000000");
    this.settings.putAll(settings);
    writeAgent(1);
    configuration();
  }

  /** Starts everything. */
  public void start() {
    script("start", List.of());
  }

  /** Starts processes that died; returns when they are ready, TaskManagers to stand by. */
  public void start(List<String> names) {
    List<String> dead =
        names.stream().filter(TASK_MANAGERS::contains).filter(name -> !alive(name)).toList();
    List<Long> before = dead.stream().map(this::preparations).toList();
    script("start", names);
    for (int i = 0; i < dead.size(); i++) {
      String name = dead.get(i);
      long starts = before.get(i);
      Polling.until(
          "that " + name + " stands by", STANDBY_PATIENCE, () -> preparations(name) > starts);
    }
  }

  private boolean alive(String name) {
    return ProcessHandle.of(pid(name)).map(ProcessHandle::isAlive).orElse(false);
  }

  /** How often a TaskManager's agent came to its end, by its log. */
  private long preparations(String name) {
    try (Stream<String> lines = Files.lines(run.resolve("logs").resolve(name + ".log"))) {
      return lines.filter(line -> PREPARED.matcher(line).find()).count();
    } catch (IOException | UncheckedIOException e) {
      throw new ChaosException("the log of " + name + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Submits the job.
   *
   * @param savepoint where its state lies
   */
  public void submit(int parallelism, Optional<String> savepoint) {
    Path agent = writeAgent(parallelism);
    List<String> arguments = new ArrayList<>(List.of(agent.toString()));
    savepoint.ifPresent(arguments::add);
    script("submit", arguments);
  }

  /**
   * Submits another of the jar's jobs.
   *
   * @param job name of its class
   * @param file its settings
   */
  public void submit(String job, Path file) {
    execute(
        List.of(scripts.resolve("submit").toString(), file.toString()),
        Map.of("ANTIPHON_JOB", job));
  }

  public FlinkRest rest() {
    return new FlinkRest("http://localhost:" + (firstPort + 2));
  }

  public AgentConfiguration configuration() {
    return AgentConfiguration.read(Optional.of(agentFile()), Map.of());
  }

  public Path run() {
    return run;
  }

  /** Of a process that was started here. */
  public long pid(String name) {
    try {
      return Long.parseLong(Files.readString(run.resolve(name + ".pid")).trim());
    } catch (IOException e) {
      throw new ChaosException("no process " + name + " was started in " + run, e);
    }
  }

  /**
   * Ends a process at once, as the system does when memory is short; returns when it has let go of
   * its ports and files, so that another can be started in its place.
   */
  public void kill(String name) {
    Path process = Path.of("/proc", Long.toString(pid(name)));
    signal(name, "KILL");
    Polling.until("the end of " + name, STANDBY_PATIENCE, () -> ended(process));
  }

  /** Whether all threads are gone; what is left of a child that nobody waits for holds nothing. */
  private static boolean ended(Path process) {
    try (Stream<Path> threads = Files.list(process.resolve("task"))) {
      String stat = Files.readString(process.resolve("stat"));
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return (state == 'Z' || state == 'X') && threads.count() <= 1;
    } catch (IOException | UncheckedIOException e) {
      return true;
    }
  }

  /** Sends a signal, by its name without SIG. */
  public void signal(String name, String signal) {
    execute(List.of("kill", "-" + signal, Long.toString(pid(name))));
  }

  /**
   * Limits how large the files are that a process writes.
   *
   * @param bytes or "unlimited"
   */
  public void limitFiles(String name, String bytes) {
    execute(List.of("prlimit", "--pid", Long.toString(pid(name)), "--fsize=" + bytes + ":"));
  }

  /** Stops all processes; files stay. */
  @Override
  public void close() {
    script("stop", List.of());
  }

  private Path agentFile() {
    return run.resolve("agent.yaml");
  }

  private Path writeAgent(int parallelism) {
    ObjectNode agent = JSON.createObjectNode();
    Map<String, String> all = new HashMap<>(settings);
    all.put("dataflow.parallelism", Integer.toString(parallelism));
    all.forEach((name, value) -> put(agent, name, value));
    try {
      // JSON is YAML.
      return Files.writeString(agentFile(), agent.toPrettyString());
    } catch (IOException e) {
      throw new ChaosException("the run folder cannot be written: " + e.getMessage(), e);
    }
  }

  private static void put(ObjectNode agent, String name, String value) {
    int last = name.startsWith(FLINK) ? FLINK.length() - 1 : name.lastIndexOf('.');
    if (last < 0) {
      throw new ChaosException(
          "the setting is " + name + "; expected section.name, such as model.rows");
    }
    agent
        .withObject("/" + name.substring(0, last).replace('.', '/'))
        .put(name.substring(last + 1), value);
  }

  private void script(String name, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(scripts.resolve(name).toString()));
    command.addAll(arguments);
    execute(command);
  }

  private void execute(List<String> command) {
    execute(command, Map.of());
  }

  private void execute(List<String> command, Map<String, String> environment) {
    LOG.info("{}", command);
    Path log = run.resolve("scripts.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    builder.environment().put("ANTIPHON_RUN", run.toString());
    builder.environment().put("ANTIPHON_FIRST_PORT", Integer.toString(firstPort));
    builder.environment().put("ANTIPHON_AGENT", agentFile().toString());
    try {
      Process process = builder.start();
      if (!process.waitFor(SCRIPT_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new ChaosException(command + " did not end; see " + log);
      }
      if (process.exitValue() != 0) {
        throw new ChaosException(
            command + " ended with code " + process.exitValue() + "; see " + log);
      }
    } catch (IOException e) {
      throw new ChaosException(command + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosException("the run was interrupted", e);
    }
  }

  /** The first of some neighbouring ports, below those that systems give out by themselves. */
  private static int freePorts() {
    Random random = new Random();
    while (true) {
      int first = LOWEST_PORT + random.nextInt((HIGHEST_PORT - LOWEST_PORT) / PORTS) * PORTS;
      if (free(first)) {
        return first;
      }
    }
  }

  private static boolean free(int first) {
    for (int port = first; port < first + PORTS; port++) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }
}
