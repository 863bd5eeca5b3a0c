package io.antiphon.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * What a user reads when Kafka cannot be used: which setting, which host, which topic. Kafka's own
 * messages often name none of them. Tells no secret.
 */
public final class BrokerErrors {
  private static final String PLAINTEXT = "PLAINTEXT";

  private BrokerErrors() {}

  /**
   * The sentence for an error of a Kafka client.
   *
   * @param properties of the client
   */
  public static ConnectionException explain(Properties properties, KafkaException error) {
    return new ConnectionException(sentence(properties, error), error);
  }

  private static String sentence(Properties properties, KafkaException error) {
    String servers = properties.getProperty("bootstrap.servers");
    String protocol = properties.getProperty("security.protocol", PLAINTEXT);
    String at = "the broker at " + servers;
    for (Throwable cause : causes(error)) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof ConfigException && message.contains("bootstrap urls")) {
        return "kafka.bootstrapServers is \""
            + servers
            + "\", and no host of it can be resolved to an address; expected host:port of a broker";
      }
      if (cause instanceof IllegalArgumentException && message.contains("JAAS configuration")) {
        return "kafka.properties.sasl.jaas.config is not set; expected the login, as"
            + " kafka.properties.security.protocol is "
            + protocol;
      }
      if (cause instanceof SslAuthenticationException) {
        return at
            + " and this client do not trust each other ("
            + message
            + "); expected the broker's certificate in kafka.properties.ssl.truststore.location"
            + " and, where the broker asks for one, the client's in ssl.keystore.location";
      }
      if (cause instanceof AuthenticationException) {
        return at
            + " refuses the login ("
            + message
            + "); expected its own in kafka.properties.sasl.mechanism and sasl.jaas.config";
      }
      if (cause instanceof TopicAuthorizationException topics) {
        return at + " does not let this client use " + topics(topics.unauthorizedTopics());
      }
      if (cause instanceof TimeoutException && message.contains("not present in metadata")) {
        return missing(message.replaceFirst("(?s)Topic (\\S+) not present.*", "$1"), servers);
      }
      if (cause instanceof TimeoutException) {
        return "no Kafka broker answers at "
            + servers
            + " by "
            + protocol
            + " ("
            + message
            + "); expected kafka.bootstrapServers and kafka.properties.security.protocol of one"
            + " that is up";
      }
    }
    Throwable last = causes(error).get(causes(error).size() - 1);
    return "Kafka at "
        + servers
        + " cannot be used with these kafka.properties: "
        + last.getMessage();
  }

  /** The sentence for a topic that is not there. */
  static String missing(String topic, String servers) {
    return "topic "
        + topic
        + " does not exist at "
        + servers
        + "; expected the topics of a running dataflow";
  }

  private static String topics(Set<String> names) {
    List<String> sorted = names.stream().sorted().toList();
    return String.format(
        Locale.ROOT,
        "%s %s; expected rights to write and to read",
        sorted.size() == 1 ? "topic" : "topics",
        String.join(", ", sorted));
  }

  private static List<Throwable> causes(Throwable error) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      causes.add(cause);
    }
    return causes;
  }
}
