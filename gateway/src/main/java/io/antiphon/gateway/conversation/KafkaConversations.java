package io.antiphon.gateway.conversation;

import io.antiphon.gateway.configuration.NodeConfiguration;
import io.antiphon.gateway.metrics.GatewayMetrics;
import io.antiphon.gateway.server.Strand;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@link ConversationPort} over Kafka. A node takes new conversations only in its own partitions,
 * by drawing ids until one falls into them. Closed last, when no conversation is open.
 */
public final class KafkaConversations implements ConversationPort, TopicCall.Holder, AutoCloseable {
  /** How long a conversation waits for its caller to come again. */
  private static final Duration PARKED = Duration.ofSeconds(30);

  /** How far back the responses are read again: longer than any answer. */
  private static final Duration REPLAYED = Duration.ofMinutes(5);

  private final KafkaTopics topics;
  private final ConversationIds ids;
  private final DataflowFeatures features;
  private final int most;
  private final ScheduledExecutorService clock;
  private final Map<String, TopicCall> calls = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private volatile boolean draining;

  /**
   * @param properties of every Kafka client; at least {@code bootstrap.servers}
   * @param secret shared by all nodes
   * @param most conversations at once
   * @param clock ends conversations whose callers do not come again
   * @throws org.apache.kafka.common.KafkaException when the broker does not answer or the topics
   *     are not those of a dataflow
   */
  public KafkaConversations(
      Properties properties,
      String audioChunks,
      String textResponses,
      String speechResponses,
      NodeConfiguration node,
      byte[] secret,
      DataflowFeatures features,
      int most,
      ScheduledExecutorService clock,
      GatewayMetrics metrics) {
    this.clock = clock;
    this.topics =
        new KafkaTopics(
            properties,
            new KafkaTopics.Names(audioChunks, textResponses, speechResponses),
            partition -> partition % node.count() == node.index());
    if (topics.partitions() < node.count()) {
      topics.close();
      throw new IllegalArgumentException(
          "node.count is "
              + node.count()
              + "; expected at most "
              + topics.partitions()
              + ", the partitions of the topics");
    }
    this.ids = new ConversationIds(secret, topics.partitions());
    this.features = features;
    this.most = most;
    metrics.gauge("conversations", open::get);
    metrics.gauge("records.undecodable", topics::undecodable);
  }

  @Override
  public CallSession open(String tenant, Strand strand, CallListener listener)
      throws CallRefusedException {
    admit();
    String id = ids.draw(tenant, topics::owns);
    TopicCall call = new TopicCall(id, topics, features, strand, listener, this);
    calls.put(id, call);
    topics.register(id, call);
    return call.handle();
  }

  @Override
  public Optional<Strand> strandOf(String conversationId) {
    return Optional.ofNullable(calls.get(conversationId)).map(TopicCall::strand);
  }

  @Override
  public CallSession resume(ResumePoint point, Strand strand, CallListener listener)
      throws CallRefusedException {
    TopicCall call = calls.get(point.conversationId());
    if (!ids.belongs(point.conversationId(), point.tenant())
        || call == null
        || call.over()
        || call.strand() != strand) {
      // The same words for one that never was, one of another tenant's and one that is over.
      throw new CallRefusedException(
          "unknown_conversation", "There is no conversation with this id to go on with.");
    }
    CallSession session = call.attach(listener, point);
    topics.register(call.conversationId(), call);
    topics.replay(call.conversationId(), REPLAYED, call.replay());
    return session;
  }

  @Override
  public void parked(TopicCall call) {
    var unused =
        clock.schedule(
            () -> call.strand().force(() -> endParked(call)),
            PARKED.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private static void endParked(TopicCall call) {
    if (call.parked()) {
      call.end();
    }
  }

  @Override
  public void ended(TopicCall call) {
    if (calls.remove(call.conversationId(), call)) {
      open.decrementAndGet();
    }
  }

  private void admit() throws CallRefusedException {
    if (draining) {
      throw new CallRefusedException("draining", "The gateway stops; come again.");
    }
    if (topics.failure().isPresent()) {
      throw new CallRefusedException("unavailable", "The dataflow cannot be reached.");
    }
    if (open.incrementAndGet() > most) {
      open.decrementAndGet();
      throw new CallRefusedException(
          "capacity", "This gateway has all the conversations it takes.");
    }
  }

  /** Takes no further conversation. */
  public void drain() {
    draining = true;
  }

  /** Why conversations cannot be held; empty while they can. */
  public Optional<String> failure() {
    return topics.failure();
  }

  @Override
  public void close() {
    topics.close();
  }
}
