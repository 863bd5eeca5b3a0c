package io.antiphon.chaos.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.chaos.ChaosException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;

/**
 * The cluster's one job, seen through Flink's REST interface. Questions may fail while it is down.
 */
public final class FlinkRest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final String address;

  public FlinkRest(String address) {
    this.address = address;
  }

  /** Whether a job runs with all its tasks. */
  public boolean running() {
    Optional<JsonNode> job = job();
    if (job.isEmpty() || !job.get().path("state").asText().equals("RUNNING")) {
      return false;
    }
    JsonNode tasks = job.get().path("tasks");
    return tasks.path("total").asInt() > 0
        && tasks.path("running").asInt() == tasks.path("total").asInt();
  }

  /** The TaskManager without a free slot, which runs the job if one alone does. */
  public Optional<String> busyTaskManager() {
    for (JsonNode manager : get("/taskmanagers").path("taskmanagers")) {
      if (manager.path("freeSlots").asInt() == 0) {
        return Optional.of(manager.path("id").asText());
      }
    }
    return Optional.empty();
  }

  public int taskManagers() {
    return get("/taskmanagers").path("taskmanagers").size();
  }

  /** When the job first failed after a time; both in milliseconds since the epoch. */
  public OptionalLong failureAfter(long time) {
    JsonNode entries =
        get("/jobs/" + id() + "/exceptions").path("exceptionHistory").path("entries");
    return StreamSupport.stream(entries.spliterator(), false)
        .mapToLong(entry -> entry.path("timestamp").asLong())
        .filter(failure -> failure >= time)
        .min();
  }

  /** Counts and durations of checkpoints since the JobManager's start. */
  public JsonNode checkpoints() {
    return get("/jobs/" + id() + "/checkpoints");
  }

  /** How many checkpoints of a kind there were: completed, failed. */
  public int checkpoints(String kind) {
    return checkpoints().path("counts").path(kind).asInt();
  }

  /** Waits until so many more checkpoints have been completed. */
  public void awaitCheckpoints(int more, Duration patience) {
    int before = checkpoints("completed");
    // A restart of the JobManager counts from the beginning.
    Polling.until(
        "the completion of " + more + " checkpoints",
        patience,
        () -> {
          int now = checkpoints("completed");
          return now >= before + more || (now >= more && now < before);
        });
  }

  /** Makes a checkpoint, which begins now and so holds all that was done until now. */
  public void checkpoint(Duration patience) {
    String path = "/jobs/" + id() + "/checkpoints";
    Polling.until(
        "a checkpoint",
        patience,
        () -> {
          String trigger = post(path, "{\"checkpointType\": \"FULL\"}").path("request-id").asText();
          return !trigger.isEmpty()
              && await("the checkpoint's end", path + "/" + trigger, patience).has("checkpointId");
        });
  }

  /** Stops the job with a savepoint and returns where it lies. */
  public String stop(Duration patience) {
    String job = "/jobs/" + id();
    String trigger = post(job + "/stop", "{\"drain\": false}").path("request-id").asText();
    JsonNode operation = await("the savepoint", job + "/savepoints/" + trigger, patience);
    if (!operation.has("location")) {
      throw new ChaosException("the savepoint failed: " + operation);
    }
    Polling.until("the end of the job", patience, () -> job().isEmpty());
    return operation.path("location").asText();
  }

  /** What became of an operation that was asked for. */
  private JsonNode await(String what, String path, Duration patience) {
    Polling.until(
        what, patience, () -> get(path).path("status").path("id").asText().equals("COMPLETED"));
    return get(path).path("operation");
  }

  public String id() {
    return job()
        .map(job -> job.path("jid").asText())
        .orElseThrow(() -> new ChaosException("no job runs; see the JobManager's log"));
  }

  /** The job that has not ended. */
  private Optional<JsonNode> job() {
    for (JsonNode job : get("/jobs/overview").path("jobs")) {
      if (job.path("end-time").asLong() < 0) {
        return Optional.of(job);
      }
    }
    return Optional.empty();
  }

  private JsonNode get(String path) {
    return send(HttpRequest.newBuilder(URI.create(address + path)).timeout(PATIENCE).build());
  }

  private JsonNode post(String path, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(address + path))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  /** An empty node where nobody answers. */
  private JsonNode send(HttpRequest request) {
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() / 100 == 2
          ? JSON.readTree(response.body())
          : JSON.createObjectNode();
    } catch (IOException e) {
      return JSON.createObjectNode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosException("the run was interrupted", e);
    }
  }
}
