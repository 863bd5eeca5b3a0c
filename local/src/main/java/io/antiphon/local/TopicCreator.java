package io.antiphon.local;

import io.antiphon.serde.kafka.TopicNames;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics of Antiphon where they are missing. */
public final class TopicCreator {
  private TopicCreator() {}

  /**
   * @param clientProperties at least {@code bootstrap.servers}
   * @param partitions of each topic; a conversation stays in one, because its id is the key
   * @throws LocalServiceException if the broker cannot be reached or refuses
   */
  public static void create(Properties clientProperties, TopicNames names, int partitions) {
    create(clientProperties, names.all(), partitions);
  }

  /** The same for topics of any names. */
  public static void create(Properties clientProperties, Collection<String> names, int partitions) {
    List<NewTopic> topics =
        names.stream().map(name -> new NewTopic(name, partitions, (short) 1)).toList();
    try (Admin admin = Admin.create(clientProperties)) {
      for (var result : admin.createTopics(topics).values().entrySet()) {
        try {
          result.getValue().get();
        } catch (ExecutionException e) {
          Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
          if (!(cause instanceof TopicExistsException)) {
            throw new LocalServiceException(
                "topic " + result.getKey() + " cannot be created: " + cause.getMessage(), cause);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServiceException("interrupted while creating topics", e);
    }
  }
}
