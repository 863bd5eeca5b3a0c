package io.antiphon.jobs;

import io.antiphon.jobs.configuration.RecordingsConfiguration;
import io.antiphon.local.EmbeddedKafka;
import io.antiphon.local.LocalFlink;
import io.antiphon.local.TopicCreator;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.PluginUtils;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Runs the job of recordings over a folder, through an embedded broker and cluster, and prints each
 * call's summary, then the rejected files. The system property {@code endpoint} names the server.
 *
 * <p>Arguments: the folder, the bundle's directory.
 */
public final class S3RecordingsJob {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private S3RecordingsJob() {}

  public static void main(String[] arguments) throws Exception {
    Configuration flink = new Configuration();
    flink.setString("s3.endpoint", System.getProperty("endpoint"));
    flink.setString("s3.path.style.access", "true");
    flink.setString("s3.access-key", "key-of-the-check");
    flink.setString("s3.secret-key", "secret-of-the-check");
    FileSystem.initialize(flink, PluginUtils.createPluginManagerFromRootFolder(flink));
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        LocalFlink cluster = LocalFlink.start(1, flink)) {
      RecordingsConfiguration configuration =
          RecordingsConfiguration.read(
              Optional.empty(),
              new LinkedHashMap<>(
                  Map.of(
                      "recordings.folders", arguments[0],
                      "kafka.bootstrapServers", kafka.bootstrapServers(),
                      "model.bundle", arguments[1])));
      Properties client = configuration.kafka().clientProperties();
      TopicCreator.create(client, configuration.topics().all(), 1);
      StreamExecutionEnvironment environment = cluster.environment();
      RecordingsJob.define(environment, configuration, "");
      LocalFlink.RunningJob job = cluster.submit(environment, "recordings", PATIENCE);
      Throwable failure = job.ended().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (failure != null) {
        throw new IllegalStateException("the job failed", failure);
      }
      String folder = arguments[0];
      committed(client, configuration.topics().callSummaries())
          .forEach((key, value) -> System.out.printf("summary=%s %s%n", key, value));
      // The reason names the file, which lies elsewhere.
      committed(client, configuration.topics().deadLetters())
          .forEach((key, value) -> System.out.printf("rejected=%s%n", key.replace(folder, "FOLDER")));
    }
  }

  /** Every record that is committed to a topic in hexadecimal digits, by its key. */
  private static Map<String, String> committed(Properties client, String topic) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.setProperty("isolation.level", "read_committed");
    Map<String, String> values = new TreeMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          String key = record.key() == null ? "" : new String(record.key());
          values.merge(key, HexFormat.of().formatHex(record.value()), (one, two) -> one + "," + two);
        }
      }
    }
    return values;
  }
}
