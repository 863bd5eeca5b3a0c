package io.antiphon.deploy;

import io.antiphon.jobs.configuration.AgentConfiguration;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a TaskManager ready for a job that it does not run yet, so that a conversation whose
 * TaskManager died is heard again soon. The job's jar is the JVM's agent for that:
 *
 * <pre>
 * env.java.opts.taskmanager: -javaagent:/opt/antiphon/antiphon-jobs-cluster.jar=/etc/agent.yaml
 * classloader.resolve-order: parent-first</pre>
 *
 * The agent's jar joins the process's own class path. Resolved from there first, the job's classes
 * are loaded once in a process and not at each start of a job, and its jobs share the model host
 * that is loaded here and kept until the process ends.
 *
 * <p>Nothing here is needed for a job to run: what fails is logged, and the job itself then says
 * what is wrong.
 */
public final class Standby {
  private Standby() {}

  /**
   * Called by the JVM before the TaskManager's own {@code main}, which it does not hold up.
   *
   * @param agent the job's configuration
   */
  public static void premain(String agent) {
    // Here and not in the thread: the TaskManager's first lines would be lost if both set logging
    // up.
    Logger log = LoggerFactory.getLogger(Standby.class);
    Thread preparation = new Thread(() -> prepare(agent, log), "antiphon-standby");
    preparation.setDaemon(true);
    preparation.start();
  }

  private static void prepare(String agent, Logger log) {
    long begin = System.nanoTime();
    try {
      if (agent == null || agent.isBlank()) {
        throw new IllegalArgumentException(
            "the agent's option is empty; expected -javaagent:JAR=AGENT.yaml");
      }
      AgentConfiguration configuration =
          AgentConfiguration.read(Optional.of(Path.of(agent)), Map.of());
      StandbyHost.prepare(configuration.model().hostSettings());
      int classes = StandbyClasses.load();
      StandbyClients.connect(configuration);
      log.info(
          "standing by for {} after {} ms, {} classes",
          configuration.model().bundle(),
          (System.nanoTime() - begin) / 1_000_000,
          classes);
    } catch (Exception | LinkageError e) {
      log.error("this TaskManager does not stand by: a job will start as in a new process", e);
    }
  }
}
