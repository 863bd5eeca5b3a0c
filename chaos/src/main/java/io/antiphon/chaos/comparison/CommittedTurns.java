package io.antiphon.chaos.comparison;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.chaos.ChaosException;
import io.antiphon.chaos.callers.ReceivedAnswer;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ToolCall;
import io.antiphon.serde.TurnRecords;
import io.antiphon.serde.kafka.CompletedTurnDeserializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * All records of the completed turns, as a consumer sees them that reads what is committed: each
 * turn once. Reads on a thread of its own; thread safe.
 */
public final class CommittedTurns implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaConsumer<byte[], CompletedTurn> consumer;
  private final TopicPartition partition;
  private final Thread reader;
  private final Map<String, Map<Integer, List<CompletedTurn>>> turns = new HashMap<>();

  @GuardedBy("this")
  private long caughtUpAt = Long.MIN_VALUE;

  @GuardedBy("this")
  private @Nullable RuntimeException failure;

  /** Begins to read at the first record of the topic, which has one partition. */
  public CommittedTurns(AgentConfiguration configuration) {
    Properties properties = configuration.kafka().clientProperties();
    properties.setProperty("isolation.level", "read_committed");
    consumer =
        new KafkaConsumer<>(
            properties, new ByteArrayDeserializer(), new CompletedTurnDeserializer());
    partition = new TopicPartition(configuration.topics().completedTurns().orElseThrow(), 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    reader = new Thread(this::read, "antiphon-chaos-completed-turns");
    reader.setDaemon(true);
    reader.start();
  }

  /** What is committed of a turn. */
  public synchronized List<CompletedTurn> of(String conversation, int turn) {
    check();
    return List.copyOf(turns.getOrDefault(conversation, Map.of()).getOrDefault(turn, List.of()));
  }

  /** How many turns of a conversation have a record. */
  public synchronized int count(String conversation) {
    check();
    return turns.getOrDefault(conversation, Map.of()).size();
  }

  /** Whether everything that had been committed at a {@link System#nanoTime()} was read. */
  public synchronized boolean caughtUpSince(long time) {
    check();
    return caughtUpAt > time;
  }

  /**
   * What is not as it must be: one record, which says what the caller heard, and which is that of
   * the undisturbed run.
   *
   * @param where for the differences
   * @param live what is committed of a turn
   * @param baseline what is committed of the same turn of the undisturbed run
   * @param heard the same turn on the live topics, whole
   * @param over whether whatever is still missing will not come
   */
  public static List<String> differences(
      String where,
      List<CompletedTurn> live,
      List<CompletedTurn> baseline,
      ReceivedAnswer heard,
      boolean over) {
    List<String> differences = new ArrayList<>();
    if (live.size() > 1 || (over && live.isEmpty())) {
      differences.add(where + " has " + live.size() + " completed turns; expected one");
    }
    if (baseline.size() != 1) {
      differences.add(
          where + " has " + baseline.size() + " completed turns in the undisturbed run");
      return differences;
    }
    String expected = essence(baseline.get(0));
    for (CompletedTurn each : live) {
      String completed = essence(each);
      if (!completed.equals(expected)) {
        differences.add(where + " completed " + completed + "; expected " + expected);
      }
      if (!completed.contains(ReceivedAnswer.end(heard.completed().orElseThrow()))) {
        differences.add(where + " completed " + completed + ", and was heard otherwise");
      }
    }
    return differences;
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (consumer) {
      while (true) {
        long begin = System.nanoTime();
        boolean any = false;
        for (ConsumerRecord<byte[], CompletedTurn> record : consumer.poll(POLL)) {
          add(record.value());
          any = true;
        }
        OptionalLong lag = consumer.currentLag(partition);
        if (!any && lag.isPresent() && lag.getAsLong() == 0) {
          caughtUp(begin);
        }
      }
    } catch (WakeupException e) {
      return; // closed
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private synchronized void add(CompletedTurn turn) {
    turns
        .computeIfAbsent(turn.getConversationId(), id -> new HashMap<>())
        .computeIfAbsent(turn.getTurn(), number -> new ArrayList<>())
        .add(turn);
  }

  private synchronized void caughtUp(long time) {
    caughtUpAt = time;
  }

  private synchronized void fail(RuntimeException error) {
    failure = error;
  }

  @GuardedBy("this")
  private void check() {
    if (failure != null) {
      throw new ChaosException("completed turns cannot be read: " + failure.getMessage(), failure);
    }
  }

  /** Without identity and times, which are those of the run. */
  private static String essence(CompletedTurn turn) {
    return turn.getQuestionType()
        + " \""
        + turn.getQuestion()
        + "\", "
        + ReceivedAnswer.end(TurnRecords.answer(turn))
        + ", tools "
        + turn.getToolCalls().stream().map(CommittedTurns::essence).toList()
        + (turn.getFailure() == null ? "" : ", " + turn.getFailure());
  }

  private static String essence(ToolCall call) {
    return call.getName() + " " + call.getArguments();
  }
}
