package io.antiphon.gateway.conversation;

import io.antiphon.gateway.security.Hashes;
import io.antiphon.serde.Records;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.IntPredicate;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/**
 * Draws conversation ids that fall into wanted partitions and says whose they are: an id ends with
 * a code of its tenant that only the nodes can make. Thread safe.
 */
final class ConversationIds {
  private static final String PREFIX = "conv_";
  private static final int RANDOM_BYTES = 15;
  private static final int CODE_BYTES = 12;
  private static final int RANDOM_LENGTH = RANDOM_BYTES * 4 / 3;
  private static final int TRIES = 100_000;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final SecureRandom random = new SecureRandom();
  private final byte[] key;
  private final int partitions;

  /**
   * @param secret shared by all nodes
   * @param partitions of every topic
   */
  ConversationIds(byte[] secret, int partitions) {
    this.key = Hashes.derive(secret, "conversation-ids");
    this.partitions = partitions;
  }

  /** A new id of a tenant's in one of the wanted partitions. */
  String draw(String tenant, IntPredicate wanted) {
    byte[] bytes = new byte[RANDOM_BYTES];
    for (int i = 0; i < TRIES; i++) {
      random.nextBytes(bytes);
      String name = ENCODER.encodeToString(bytes);
      String id = PREFIX + name + code(tenant, name);
      if (wanted.test(partition(id))) {
        return id;
      }
    }
    throw new IllegalStateException("no id falls into a partition of this node");
  }

  /** Whether an id was drawn for this tenant. */
  boolean belongs(String id, String tenant) {
    if (!id.startsWith(PREFIX) || id.length() <= PREFIX.length() + RANDOM_LENGTH) {
      return false;
    }
    String name = id.substring(PREFIX.length(), PREFIX.length() + RANDOM_LENGTH);
    String expected = PREFIX + name + code(tenant, name);
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), id.getBytes(StandardCharsets.UTF_8));
  }

  /** Where Kafka's default partitioner puts a conversation, in every topic. */
  int partition(String id) {
    return BuiltInPartitioner.partitionForKey(Records.key(id), partitions);
  }

  private String code(String tenant, String name) {
    byte[] code = Hashes.hmac(key, (tenant + "\n" + name).getBytes(StandardCharsets.UTF_8));
    return ENCODER.encodeToString(Arrays.copyOf(code, CODE_BYTES));
  }
}
