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

  /** 2026-01-01 in seconds since 1970: epochs count seconds from then on, until 2094. */
  private static final long EPOCHS_SINCE = 1_767_225_600L;

  private final KafkaTopics topics;
  private final ConversationIds ids;
  private final TakeoverTokens tokens;
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
    this.tokens = new TakeoverTokens(secret);
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
    TopicCall call = new TopicCall(id, topics, features, tokens, strand, listener, this);
    calls.put(id, call);
    topics.register(id, call);
    return call.handle();
  }

  @Override
  public Optional<Strand> strandOf(String conversationId, String tenant) {
    return ids.belongs(conversationId, tenant)
        ? Optional.ofNullable(calls.get(conversationId)).map(TopicCall::strand)
        : Optional.empty();
  }

  @Override
  public CallSession resume(ResumePoint point, Strand strand, CallListener listener)
      throws CallRefusedException {
    TopicCall call = calls.get(point.conversationId());
    if (!ids.belongs(point.conversationId(), point.tenant())) {
      throw unknown();
    }
    if (call == null) {
      return takeOver(point, strand, listener);
    }
    if (call.over() || call.strand() != strand) {
      throw unknown();
    }
    CallSession session = call.attach(listener, point);
    topics.register(call.conversationId(), call);
    topics.replay(call.conversationId(), REPLAYED, call.replay());
    return session;
  }

  /** The same words for one that never was, one of another tenant's and one that is over. */
  private static CallRefusedException unknown() {
    return new CallRefusedException(
        "unknown_conversation", "There is no conversation with this id to go on with.");
  }

  /** Goes on with the conversation of a node that is gone. */
  private CallSession takeOver(ResumePoint point, Strand strand, CallListener listener)
      throws CallRefusedException {
    TakeoverTokens.Standing standing =
        point
            .takeover()
            .flatMap(tokens::read)
            .filter(s -> features.epochs() && s.conversationId().equals(point.conversationId()))
            .orElseThrow(KafkaConversations::unknown);
    admit();
    TopicCall call =
        new TopicCall(
            point,
            standing,
            epochAfter(standing.epoch()),
            topics,
            features,
            tokens,
            strand,
            listener,
            this);
    calls.put(point.conversationId(), call);
    topics.register(point.conversationId(), call);
    topics.read(ids.partition(point.conversationId()));
    topics.replay(point.conversationId(), REPLAYED, call.replay());
    return call.handle();
  }

  /**
   * Two nodes may take over with the same token, when a client saw nothing of the first; later in
   * time is higher.
   */
  private static int epochAfter(int epoch) {
    long seconds = System.currentTimeMillis() / 1000 - EPOCHS_SINCE;
    return (int) Math.max(epoch + 1L, seconds);
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
