package io.antiphon.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.serde.kafka.TopicNames;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

/** A broker that cannot be used is told by setting, host and topic. */
class BrokerErrorsTest {
  private static final TopicNames TOPICS =
      new TopicNames("audio", "speech", "text", Optional.empty(), "dead");

  private static Properties at(String servers) {
    Properties properties = new Properties();
    properties.setProperty("bootstrap.servers", servers);
    return properties;
  }

  private static void refused(Properties properties, String... parts) {
    assertThatThrownBy(() -> new ConversationClient(properties, TOPICS).close())
        .isInstanceOf(ConnectionException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void aHostThatNobodyKnows() {
    refused(
        at("broker.invalid:9092"),
        "kafka.bootstrapServers is \"broker.invalid:9092\"",
        "no host of it can be resolved");
  }

  @Test
  void aLoginThatIsMissing() {
    Properties properties = at("127.0.0.1:9092");
    properties.setProperty("security.protocol", "SASL_SSL");
    refused(properties, "kafka.properties.sasl.jaas.config is not set", "is SASL_SSL");
  }

  @Test
  void aTrustStoreThatIsNotThere() {
    Properties properties = at("127.0.0.1:9092");
    properties.setProperty("security.protocol", "SSL");
    properties.setProperty("ssl.truststore.location", "/nowhere/trust.p12");
    properties.setProperty("ssl.truststore.password", "a-secret");
    assertThatThrownBy(() -> new ConversationClient(properties, TOPICS).close())
        .isInstanceOf(ConnectionException.class)
        .hasMessageContainingAll("127.0.0.1:9092", "kafka.properties", "/nowhere/trust.p12")
        .hasMessageNotContaining("a-secret");
  }

  @Test
  void nobodyWhoAnswers() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Properties properties = at("127.0.0.1:" + silent.getLocalPort());
      properties.setProperty("default.api.timeout.ms", "300");
      properties.setProperty("request.timeout.ms", "200");
      refused(
          properties, "no Kafka broker answers at 127.0.0.1:", "by PLAINTEXT", "security.protocol");
    }
  }

  @Test
  void whatABrokerRefuses() {
    Properties properties = at("b:1");
    assertThat(said(properties, new SaslAuthenticationException("Invalid username or password")))
        .isEqualTo(
            "the broker at b:1 refuses the login (Invalid username or password); expected its own"
                + " in kafka.properties.sasl.mechanism and sasl.jaas.config");
    assertThat(said(properties, new SslAuthenticationException("SSL handshake failed")))
        .contains("do not trust each other (SSL handshake failed)", "ssl.truststore.location");
    assertThat(said(properties, new TopicAuthorizationException(Set.of("text", "dead"))))
        .isEqualTo(
            "the broker at b:1 does not let this client use topics dead, text; expected rights to"
                + " write and to read");
    assertThat(
            said(
                properties,
                new TimeoutException("Topic audio not present in metadata after 15000 ms.")))
        .isEqualTo("topic audio does not exist at b:1; expected the topics of a running dataflow");
  }

  private static String said(Properties properties, KafkaException error) {
    return BrokerErrors.explain(properties, new KafkaException("Failed to construct", error))
        .getMessage();
  }
}
