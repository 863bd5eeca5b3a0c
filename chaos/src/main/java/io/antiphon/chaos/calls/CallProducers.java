package io.antiphon.chaos.calls;

import io.antiphon.chaos.ChaosException;
import io.antiphon.serde.Records;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends scripted calls, some at the same time, at the speed at which they are spoken or faster. */
final class CallProducers implements AutoCloseable {
  /** A call and the id that it is sent under. */
  record Named(String id, ScriptedCall call) {}

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;

  /**
   * @param patience how long a send waits for a broker that is away
   */
  CallProducers(Properties client, String topic, Duration patience) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.setProperty("max.block.ms", Long.toString(patience.toMillis()));
    properties.setProperty("delivery.timeout.ms", Long.toString(patience.toMillis()));
    this.producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    this.topic = topic;
  }

  /** Sends all at once, as fast as the broker takes them; returns when it has. */
  void sendNow(List<Named> calls) {
    List<Future<?>> sent = new ArrayList<>();
    for (Named call : calls) {
      call.call().steps(call.id()).forEach(step -> send(call.id(), step, sent));
    }
    await(sent);
  }

  /**
   * Sends in real time, on a thread of its own.
   *
   * @param atOnce calls at the same time; the next one begins when one has ended
   * @return done when the broker has taken the last record
   */
  CompletableFuture<Void> sendLive(List<Named> calls, int atOnce) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                live(calls, atOnce);
                done.complete(null);
              } catch (RuntimeException e) {
                done.completeExceptionally(e);
              }
            },
            "antiphon-chaos-calls");
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  private record Running(String id, Iterator<List<byte[]>> steps) {}

  private void live(List<Named> calls, int atOnce) {
    Deque<Named> waiting = new ArrayDeque<>(calls);
    List<Running> running = new ArrayList<>();
    List<Future<?>> sent = new ArrayList<>();
    long next = System.nanoTime();
    while (!waiting.isEmpty() || !running.isEmpty()) {
      while (running.size() < atOnce && !waiting.isEmpty()) {
        Named call = waiting.remove();
        running.add(new Running(call.id(), call.call().steps(call.id()).iterator()));
      }
      for (Iterator<Running> each = running.iterator(); each.hasNext(); ) {
        Running call = each.next();
        send(call.id(), call.steps().next(), sent);
        if (!call.steps().hasNext()) {
          each.remove();
        }
      }
      next += TimeUnit.MILLISECONDS.toNanos(ScriptedCall.CHUNK_MILLIS);
      try {
        TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ChaosException("the run was interrupted", e);
      }
    }
    await(sent);
  }

  private void send(String id, List<byte[]> step, List<Future<?>> sent) {
    for (byte[] value : step) {
      sent.add(producer.send(new ProducerRecord<>(topic, Records.key(id), value)));
    }
  }

  private static void await(List<Future<?>> sent) {
    try {
      for (Future<?> each : sent) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new ChaosException("a record of a call was not taken: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChaosException("the run was interrupted", e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
