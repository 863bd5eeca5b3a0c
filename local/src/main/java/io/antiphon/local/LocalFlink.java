package io.antiphon.local;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A real Flink cluster (JobManager and one TaskManager) in this process. Checkpoints go to a
 * temporary directory that is deleted at {@link #close()}, unless the job names its own.
 *
 * <p>Thread safe after construction.
 */
public final class LocalFlink implements AutoCloseable {
  private static final Duration CLOSING = Duration.ofSeconds(20);
  private static final String LOOPBACK = "localhost";

  private final MiniCluster cluster;
  private final Path directory;
  private final Configuration configuration;

  private LocalFlink(MiniCluster cluster, Path directory, Configuration configuration) {
    this.cluster = cluster;
    this.directory = directory;
    this.configuration = configuration;
  }

  /**
   * Starts the cluster (some two seconds).
   *
   * @param slots parallel subtasks that find room
   * @param settings over those of this cluster
   * @throws LocalServiceException if it does not come up
   */
  public static LocalFlink start(int slots, Configuration settings) {
    Path directory = null;
    MiniCluster cluster = null;
    try {
      directory = ProcessDirectories.create("flink");
      Configuration configuration = configuration(directory);
      configuration.addAll(settings);
      cluster =
          new MiniCluster(
              new MiniClusterConfiguration.Builder()
                  .setConfiguration(configuration)
                  .setNumTaskManagers(1)
                  .setNumSlotsPerTaskManager(slots)
                  .withRandomPorts()
                  .build());
      cluster.start();
      return new LocalFlink(cluster, directory, configuration);
    } catch (Exception e) {
      if (cluster != null) {
        cluster.closeAsync();
      }
      ProcessDirectories.delete(directory);
      throw new LocalServiceException(
          "the embedded Flink cluster did not start: " + e.getMessage(), e);
    }
  }

  /** A new environment whose defaults suit this cluster; hand its dataflow to {@link #submit}. */
  public StreamExecutionEnvironment environment() {
    return new StreamExecutionEnvironment(new Configuration(configuration));
  }

  /**
   * Submits the dataflow of {@code environment} and returns when all its tasks run, models loaded.
   *
   * @throws LocalServiceException with the cause if the job fails instead, or is not running after
   *     {@code patience}
   */
  public RunningJob submit(StreamExecutionEnvironment environment, String name, Duration patience) {
    return submit(environment, name, patience, Optional.empty());
  }

  /**
   * The same, going on from a savepoint's state.
   *
   * @param savepoint as {@link RunningJob#stopWithSavepoint} gave it
   */
  public RunningJob submit(
      StreamExecutionEnvironment environment,
      String name,
      Duration patience,
      Optional<String> savepoint) {
    RunningJob job;
    try {
      var graph = environment.getStreamGraph();
      savepoint.ifPresent(
          path -> graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(path)));
      graph.setJobName(name);
      graph.setJobId(JobID.generate());
      job = new RunningJob(cluster.submitJob(graph).get().getJobID());
    } catch (ExecutionException e) {
      throw new LocalServiceException("the job was not accepted: " + rootMessage(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServiceException("interrupted while submitting the job", e);
    }
    job.awaitRunning(patience);
    return job;
  }

  /** Ends what runs, stops the cluster and deletes its files. */
  @Override
  public void close() {
    try {
      cluster.closeAsync().get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new LocalServiceException(
          "the embedded Flink cluster did not stop: " + rootMessage(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ProcessDirectories.delete(directory);
    }
  }

  private static Configuration configuration(Path directory) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    configuration.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY,
        directory.resolve("checkpoints").toUri().toString());
    // Nothing of it lies outside of what is deleted at the end.
    configuration.set(WebOptions.TMP_DIR, directory.toString());
    configuration.set(WebOptions.UPLOAD_DIR, directory.toString());
    configuration.set(CoreOptions.TMP_DIRS, directory.toString());
    configuration.set(RestOptions.BIND_PORT, "0");
    // Whoever reaches these ports can submit jobs, that is, run code: only this machine may.
    configuration.set(RestOptions.ADDRESS, LOOPBACK);
    configuration.set(RestOptions.BIND_ADDRESS, LOOPBACK);
    configuration.set(JobManagerOptions.ADDRESS, LOOPBACK);
    configuration.set(JobManagerOptions.BIND_HOST, LOOPBACK);
    configuration.set(TaskManagerOptions.HOST, LOOPBACK);
    configuration.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(32));
    return configuration;
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getName() : root.getMessage();
  }

  /** A submitted job. */
  public final class RunningJob {
    private final JobID id;
    private final CompletableFuture<JobResult> result;

    private RunningJob(JobID id) {
      this.id = id;
      this.result = cluster.requestJobResult(id);
    }

    public JobID id() {
      return id;
    }

    /**
     * Completes, with the reason, when the job has ended for good; null if it was cancelled or
     * finished.
     */
    public CompletableFuture<Throwable> ended() {
      return result.handle(
          (r, error) ->
              error != null
                  ? error
                  : r.getSerializedThrowable()
                      .map(t -> t.deserializeError(getClass().getClassLoader()))
                      .orElse(null));
    }

    /** How often the job's tasks were started again after a failure. */
    public int restarts() {
      int restarts = 0;
      for (AccessExecutionVertex vertex : graph().getAllExecutionVertices()) {
        restarts = Math.max(restarts, vertex.getCurrentExecutionAttempt().getAttemptNumber());
      }
      return restarts;
    }

    /**
     * Ends the job with all its state in a savepoint.
     *
     * @param folder under which the savepoint is written
     * @return the savepoint's path
     */
    public String stopWithSavepoint(Path folder) {
      try {
        String savepoint =
            cluster
                .stopWithSavepoint(
                    id, folder.toUri().toString(), false, SavepointFormatType.CANONICAL)
                .get();
        result.get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
        return savepoint;
      } catch (ExecutionException | TimeoutException e) {
        throw new LocalServiceException(
            "the job did not stop with a savepoint: " + rootMessage(e), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LocalServiceException("interrupted while stopping the job", e);
      }
    }

    /** Cancels the job and waits for its end. */
    public void cancel() {
      try {
        cluster.cancelJob(id).get();
        result.get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw new LocalServiceException("the job did not stop: " + rootMessage(e), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private AccessExecutionGraph graph() {
      try {
        return cluster.getExecutionGraph(id).get();
      } catch (ExecutionException e) {
        throw new LocalServiceException("the state of the job is unknown: " + rootMessage(e), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LocalServiceException("interrupted while asking for the job's state", e);
      }
    }

    private void awaitRunning(Duration patience) {
      long deadline = System.nanoTime() + patience.toNanos();
      while (true) {
        AccessExecutionGraph graph = graph();
        if (graph.getFailureInfo() != null) {
          Throwable reason =
              graph.getFailureInfo().getException().deserializeError(getClass().getClassLoader());
          cancelQuietly();
          throw new LocalServiceException(
              "the job failed at its start: " + rootMessage(reason), reason);
        }
        if (graph.getState() == JobStatus.RUNNING && allTasksRun(graph)) {
          return;
        }
        if (System.nanoTime() > deadline) {
          cancelQuietly();
          throw new LocalServiceException(
              "the job was not running after " + patience.toSeconds() + " s");
        }
        pause();
      }
    }

    private static boolean allTasksRun(AccessExecutionGraph graph) {
      for (AccessExecutionVertex vertex : graph.getAllExecutionVertices()) {
        if (vertex.getExecutionState() != ExecutionState.RUNNING) {
          return false;
        }
      }
      return true;
    }

    private void cancelQuietly() {
      cluster.cancelJob(id);
    }

    private void pause() {
      try {
        // The cluster tells no listener when tasks begin to run.
        TimeUnit.MILLISECONDS.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LocalServiceException("interrupted while the job was starting", e);
      }
    }
  }
}
