package io.antiphon.jobs;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.util.IOUtils;
import org.apache.kafka.clients.admin.Admin;

/**
 * The connector's sink with transactions, whose writer also closes the client with which it looks
 * for transactions of its predecessors. The connector forgets it, both at the writer's end and
 * where the writer cannot begin (the task is cancelled meanwhile, the broker is away), so that each
 * restart of a job would leave a thread and its connections behind in the process.
 */
final class ExactlyOnceKafkaSink<T>
    implements Sink<T>,
        SupportsWriterState<T, KafkaWriterState>,
        SupportsCommitter<KafkaCommittable>,
        SupportsPostCommitTopology<KafkaCommittable> {
  private static final long serialVersionUID = 1L;

  private final KafkaSink<T> sink;

  /**
   * @param sink with exactly-once guarantee
   */
  ExactlyOnceKafkaSink(KafkaSink<T> sink) {
    this.sink = sink;
  }

  @Override
  public StatefulSinkWriter<T, KafkaWriterState> createWriter(WriterInitContext context)
      throws IOException {
    return restoreWriter(context, List.of());
  }

  @Override
  public StatefulSinkWriter<T, KafkaWriterState> restoreWriter(
      WriterInitContext context, Collection<KafkaWriterState> states) throws IOException {
    Writer<T> writer = new Writer<>(ConnectorWriter.make(sink, context, states));
    try {
      ConnectorWriter.begin(writer.writer);
    } catch (RuntimeException | IOException e) {
      try {
        writer.closeClient(); // the connector's writer has closed all else
      } catch (IllegalAccessException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
    return writer;
  }

  @Override
  public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
    return sink.getWriterStateSerializer();
  }

  @Override
  public Committer<KafkaCommittable> createCommitter(CommitterInitContext context)
      throws IOException {
    return sink.createCommitter(context);
  }

  @Override
  public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
    return sink.getCommittableSerializer();
  }

  @Override
  public void addPostCommitTopology(DataStream<CommittableMessage<KafkaCommittable>> committed) {
    sink.addPostCommitTopology(committed);
  }

  /** What the connector's sink does to restore a writer, in two steps. */
  private static final class ConnectorWriter {
    private static final String TYPE =
        "org.apache.flink.connector.kafka.sink.ExactlyOnceKafkaWriter";

    private ConnectorWriter() {}

    /** A writer that has not begun and holds nothing. */
    @SuppressWarnings("unchecked") // it writes what the sink takes
    static <T> SinkWriter<T> make(
        KafkaSink<T> sink, WriterInitContext context, Collection<KafkaWriterState> states) {
      try {
        Constructor<?> constructor =
            Class.forName(TYPE, true, sink.getClass().getClassLoader())
                .getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        Object naming = get(sink, "transactionNamingStrategy");
        return (SinkWriter<T>)
            constructor.newInstance(
                get(sink, "deliveryGuarantee"),
                get(sink, "kafkaProducerConfig"),
                get(sink, "transactionalIdPrefix"),
                context,
                get(sink, "recordSerializer"),
                context.asSerializationSchemaInitializationContext(),
                get(naming, "abortImpl"),
                get(naming, "impl"),
                states);
      } catch (InvocationTargetException e) {
        throw new IllegalStateException("the writer cannot be made", e.getCause());
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        throw other(TYPE, e);
      }
    }

    /** Ends what predecessors left and begins a transaction. */
    static void begin(SinkWriter<?> writer) throws IOException {
      try {
        Method initialize = writer.getClass().getMethod("initialize");
        initialize.setAccessible(true);
        initialize.invoke(writer);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException unchecked) {
          throw unchecked;
        }
        throw new IOException("the writer cannot begin", e.getCause());
      } catch (ReflectiveOperationException e) {
        throw other(TYPE, e);
      }
    }

    private static Object get(Object owner, String name) throws ReflectiveOperationException {
      Field field = owner.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(owner);
    }

    static IllegalStateException other(String what, Exception cause) {
      return new IllegalStateException(
          what + " is not as expected; expected the connector's version that the build names",
          cause);
    }
  }

  /** Hands everything on. */
  private static final class Writer<T>
      implements StatefulSinkWriter<T, KafkaWriterState>,
          CommittingSinkWriter<T, KafkaCommittable> {
    private static final String FIELD = "adminClient";

    private final SinkWriter<T> writer;
    private final StatefulSinkWriter<T, KafkaWriterState> stateful;
    private final CommittingSinkWriter<T, KafkaCommittable> committing;
    private final Field client;

    @SuppressWarnings("unchecked") // the connector's writer is all three
    Writer(SinkWriter<T> writer) {
      this.writer = writer;
      this.stateful = (StatefulSinkWriter<T, KafkaWriterState>) writer;
      this.committing = (CommittingSinkWriter<T, KafkaCommittable>) writer;
      try {
        this.client = writer.getClass().getDeclaredField(FIELD);
        this.client.setAccessible(true);
      } catch (NoSuchFieldException e) {
        throw ConnectorWriter.other(writer.getClass().getName() + "." + FIELD, e);
      }
    }

    @Override
    public void write(T element, Context context) throws IOException, InterruptedException {
      writer.write(element, context);
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
      writer.flush(endOfInput);
    }

    @Override
    public List<KafkaWriterState> snapshotState(long checkpoint) throws IOException {
      return stateful.snapshotState(checkpoint);
    }

    @Override
    public Collection<KafkaCommittable> prepareCommit() throws IOException, InterruptedException {
      return committing.prepareCommit();
    }

    @Override
    public void close() throws Exception {
      IOUtils.closeAll(writer, this::closeClient);
    }

    private void closeClient() throws IllegalAccessException {
      Admin admin = (Admin) client.get(writer);
      if (admin != null) {
        admin.close(Duration.ZERO);
      }
    }
  }
}
