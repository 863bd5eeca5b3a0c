package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.schemas.CompletedTurn;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.JobInfoImpl;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.UserCodeClassLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExactlyOnceKafkaSinkTest {
  /** What a restart in mid-initialisation, or one without a broker, would leave behind. */
  @Test
  void aWriterThatCannotBeginLeavesNoClientBehind() throws Exception {
    Set<Thread> before = adminThreads();
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Properties properties = new Properties();
      properties.setProperty("default.api.timeout.ms", "400");
      properties.setProperty("request.timeout.ms", "200");
      properties.setProperty("max.block.ms", "400");
      KafkaSink<CompletedTurn> sink =
          KafkaSink.<CompletedTurn>builder()
              .setBootstrapServers("127.0.0.1:" + deaf.getLocalPort())
              .setKafkaProducerConfig(properties)
              .setRecordSerializer(
                  new ResponseSchema<>("completed-turns", ResponseSchema::completedKey))
              .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
              .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
              .setTransactionalIdPrefix("test")
              .build();
      assertThatThrownBy(
              () -> new ExactlyOnceKafkaSink<>(sink).restoreWriter(new Context(), List.of()))
          .isNotInstanceOf(IllegalStateException.class)
          .hasStackTraceContaining("TimeoutException");
    }
    for (Thread thread : adminThreads()) {
      if (!before.contains(thread)) {
        thread.join();
      }
    }
    assertThat(adminThreads()).isSubsetOf(before);
  }

  private static Set<Thread> adminThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("kafka-admin-client-thread"))
        .collect(Collectors.toSet());
  }

  /** What a task gives its sink. */
  private static final class Context implements WriterInitContext {
    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
      throw new UnsupportedOperationException();
    }

    @Override
    public MailboxExecutor getMailboxExecutor() {
      return null; // asked by nobody before the writer writes
    }

    @Override
    public ProcessingTimeService getProcessingTimeService() {
      return new ProcessingTimeService() {
        @Override
        public long getCurrentProcessingTime() {
          return 0;
        }

        @Override
        public ScheduledFuture<?> registerTimer(long timestamp, ProcessingTimeCallback target) {
          return null;
        }
      };
    }

    @Override
    public SinkWriterMetricGroup metricGroup() {
      return UnregisteredMetricsGroup.createSinkWriterMetricGroup();
    }

    @Override
    public SerializationSchema.InitializationContext asSerializationSchemaInitializationContext() {
      return null;
    }

    @Override
    public boolean isObjectReuseEnabled() {
      return true;
    }

    @Override
    public <I> TypeSerializer<I> createInputSerializer() {
      throw new UnsupportedOperationException();
    }

    @Override
    public OptionalLong getRestoredCheckpointId() {
      return OptionalLong.empty();
    }

    @Override
    public JobInfo getJobInfo() {
      return new JobInfoImpl(new JobID(), "test");
    }

    @Override
    public TaskInfo getTaskInfo() {
      return new TaskInfoImpl("test", 1, 0, 1, 0);
    }
  }
}
