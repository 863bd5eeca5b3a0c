package io.antiphon.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.antiphon.schemas.ReleasedSchemas;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The definitions and queries in {@code sql/} as they stand. */
class SingleObjectSqlITCase {
  private static final long MINUTE = 60_000;

  private TableEnvironment tables;

  @BeforeEach
  void createTables() throws IOException {
    TopicTableFactory.TOPICS.clear();
    tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    tables.getConfig().set("parallelism.default", "1");
    tables.getConfig().set("table.local-time-zone", "UTC");
    for (String table :
        List.of(
            "call-segments",
            "call-events",
            "call-metrics",
            "call-summaries",
            "completed-turns",
            "call-lengths")) {
      tables.executeSql(file(table));
    }
  }

  @Test
  void theWorstCallsComeFirst() throws Exception {
    List<byte[]> calls = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      calls.add(summary("call-" + i, i * MINUTE, "billing", 60_000 + i, (i * 7) % 12 - 5.0));
    }
    TopicTableFactory.TOPICS.put("call-summaries", calls);
    List<Row> rows = lastRows(file("worst-calls"));
    assertThat(rows).hasSize(10);
    assertThat(rows)
        .extracting(row -> row.getField("sentiment"))
        .contains(-5.0, 4.0)
        .doesNotContain(5.0, 6.0);
    assertThat(rows).extracting(row -> row.getField("queue")).containsOnly("billing");
  }

  @Test
  void queuesAreCountedByMinute() throws Exception {
    TopicTableFactory.TOPICS.put(
        "call-summaries",
        List.of(
            summary("a", 1000, "billing", 60_000, 1),
            summary("b", 2000, "billing", 30_000, 1),
            summary("c", 3000, "sales", 10_000, 1),
            summary("d", MINUTE + 1000, "billing", 10_000, 1)));
    List<Row> rows = rows(file("queues-by-minute"));
    assertThat(rows)
        .extracting(
            row -> row.getField("queue"),
            row -> row.getField("calls"),
            row -> row.getField("durationMillis"))
        .containsExactlyInAnyOrder(
            tuple("billing", 2L, 45_000L),
            tuple("sales", 1L, 10_000L),
            tuple("billing", 1L, 10_000L));
  }

  @Test
  void aPatternIsFoundInSegments() throws Exception {
    TopicTableFactory.TOPICS.put(
        "call-segments",
        List.of(
            segment("x", 0, "CUSTOMER", "hello", 1),
            partial("x", 1, "CUSTOMER", "it"),
            segment("x", 1, "CUSTOMER", "it does not work", -1),
            segment("x", 1, "AGENT", "oh dear", 0),
            partial("x", 2, "CUSTOMER", "this is"),
            segment("x", 2, "CUSTOMER", "this is terrible", -3),
            segment("y", 3, "CUSTOMER", "thank you", 2),
            segment("y", 4, "CUSTOMER", "great", 3)));
    List<Row> rows = rows(file("losing-patience"));
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).getField("lastText")).isEqualTo("this is terrible");
    assertThat(rows.get(0).getField("conversationId")).isEqualTo("x");
  }

  /** Of each call the newest record counts, in whatever order they come. */
  @Test
  void callsWithAnAlertAreFound() throws Exception {
    TopicTableFactory.TOPICS.put(
        "call-metrics",
        List.of(
            metrics("calm", 0, List.of(), false),
            metrics("loud", 0, List.of("SILENCE"), false),
            metrics("loud", 2, List.of("SENTIMENT", "HOLD"), false),
            metrics("loud", 1, List.of(), false),
            metrics("over", 0, List.of("HOLD"), false),
            metrics("over", 1, List.of("HOLD"), true)));
    assertThat(lastRows(file("alerted-calls")))
        .extracting(row -> row.getField("conversationId"), row -> row.getField("alerts"))
        .containsExactly(tuple("loud", 2));
  }

  @Test
  void nestedFieldsTimesAndNullsAreRead() throws Exception {
    TopicTableFactory.TOPICS.put(
        "call-summaries", List.of(summary("a", 86_400_000, "sales", 10_000, 2)));
    Row row =
        rows("SELECT `time`, startedAt, participants[1].role AS role, categories FROM call_summaries")
            .get(0);
    assertThat(row.getField("time")).isEqualTo(Instant.ofEpochMilli(86_400_000));
    assertThat(row.getField("startedAt")).isNull();
    assertThat(row.getField("role")).isEqualTo("AGENT");
    assertThat((Object[]) row.getField("categories")).isEmpty();
  }

  @Test
  void whatEveryReleaseWroteIsReadByName() throws Exception {
    List<Schema> released = ReleasedSchemas.of("io.antiphon.schemas.CompletedTurn");
    assertThat(released).hasSizeGreaterThan(1);
    List<byte[]> values = new ArrayList<>();
    for (Schema schema : released) {
      GenericRecord turn = filled(schema);
      values.add(encoded(turn));
    }
    TopicTableFactory.TOPICS.put("completed-turns", values);
    List<Row> rows = rows("SELECT conversationId, turn, text, finishReason FROM completed_turns");
    assertThat(rows).hasSize(released.size());
    assertThat(rows).extracting(row -> row.getField("conversationId")).doesNotContainNull();
  }

  @Test
  void aTableThatDoesNotFitIsRefusedWithEveryReason() {
    tables.executeSql(
        "CREATE TABLE odd (conversationId INT, shoeSize STRING, figures ROW<talkMillis STRING, x INT>)"
            + " WITH ('connector'='kafka', 'topic'='call-summaries',"
            + " 'format'='avro-single-object', 'avro-single-object.record'='CallSummary')");
    assertThatThrownBy(() -> tables.executeSql("SELECT * FROM odd"))
        .hasStackTraceContaining("column conversationId is of type INT, the field is string")
        .hasStackTraceContaining("column shoeSize is none of the fields")
        .hasStackTraceContaining("column figures.x is none of the fields");
    tables.executeSql(
        "CREATE TABLE tea (x INT) WITH ('connector'='kafka', 'topic'='t',"
            + " 'format'='avro-single-object', 'avro-single-object.record'='Tea')");
    assertThatThrownBy(() -> tables.executeSql("SELECT * FROM tea"))
        .hasStackTraceContaining("'Tea', expected one of");
  }

  @Test
  void anUnreadableValueFailsOrIsSkipped() throws Exception {
    byte[] odd = summary("b", 0, "sales", 1, 1);
    odd[5] ^= 1;
    TopicTableFactory.TOPICS.put(
        "call-summaries",
        List.of(
            summary("a", 0, "sales", 1, 1), odd, new byte[] {1, 2}, summary("c", 0, "s", 1, 1)));
    assertThatThrownBy(() -> rows("SELECT conversationId FROM call_summaries"))
        .hasStackTraceContaining("fingerprint");
    tables.executeSql(
        "CREATE TABLE lenient WITH ('avro-single-object.skip-unreadable' = 'true')"
            + " LIKE call_summaries");
    assertThat(rows("SELECT conversationId FROM lenient"))
        .containsExactly(Row.of("a"), Row.of("c"));
  }

  private List<Row> rows(String query) throws Exception {
    List<Row> rows = new ArrayList<>();
    try (CloseableIterator<Row> found = tables.executeSql(query).collect()) {
      found.forEachRemaining(rows::add);
    }
    return rows;
  }

  /** What is left of a changing result. */
  private List<Row> lastRows(String query) throws Exception {
    List<Row> left = new ArrayList<>();
    for (Row row : rows(query)) {
      boolean adds =
          row.getKind().shortString().equals("+I") || row.getKind().shortString().equals("+U");
      row.setKind(RowKind.INSERT);
      if (adds) {
        left.add(row);
      } else {
        left.remove(row);
      }
    }
    return left;
  }

  private static byte[] summary(String id, long time, String queue, long duration, double sentiment)
      throws IOException {
    Schema schema = newest("CallSummary");
    GenericRecord figures =
        new GenericRecordBuilder(schema.getField("figures").schema())
            .set("durationMillis", duration)
            .set("sentiment", sentiment)
            .build();
    GenericRecord agent =
        new GenericRecordBuilder(schema.getField("participants").schema().getElementType())
            .set("role", "AGENT")
            .build();
    return encoded(
        new GenericRecordBuilder(schema)
            .set("conversationId", id)
            .set("time", time)
            .set("attributes", Map.of("queue", queue))
            .set("participants", List.of(agent))
            .set("figures", figures)
            .build());
  }

  private static byte[] metrics(String id, long revision, List<String> alerts, boolean ended)
      throws IOException {
    Schema schema = newest("CallMetrics");
    return encoded(
        new GenericRecordBuilder(schema)
            .set("conversationId", id)
            .set("revision", revision)
            .set("time", revision * 5000)
            .set("figures", filled(schema.getField("figures").schema()))
            .set("alerts", alerts)
            .set("ended", ended)
            .build());
  }

  private static byte[] segment(String id, int number, String role, String text, double sentiment)
      throws IOException {
    return segment(id, number, role, text, true, sentiment);
  }

  /** What is still being spoken: it has no sentiment. */
  private static byte[] partial(String id, int number, String role, String text)
      throws IOException {
    return segment(id, number, role, text, false, null);
  }

  private static byte[] segment(
      String id, int number, String role, String text, boolean last, Double sentiment)
      throws IOException {
    return encoded(
        new GenericRecordBuilder(newest("CallSegment"))
            .set("conversationId", id)
            .set("segmentId", "1-" + number)
            .set("last", last)
            .set("time", number * 5000L)
            .set("beginMillis", number * 5000L)
            .set("endMillis", number * 5000L + 2000)
            .set("role", role)
            .set("text", text)
            .set("sentiment", sentiment)
            .build());
  }

  /** A record with something in each field that has no default. */
  private static GenericRecord filled(Schema schema) {
    GenericRecordBuilder builder = new GenericRecordBuilder(schema);
    for (Schema.Field field : schema.getFields()) {
      if (!field.hasDefaultValue()) {
        builder.set(field, value(field.schema()));
      }
    }
    return builder.build();
  }

  private static Object value(Schema schema) {
    return switch (schema.getType()) {
      case STRING -> "text";
      case INT -> 7;
      case LONG -> 7L;
      case DOUBLE -> 0.5;
      case BOOLEAN -> true;
      case ENUM -> new GenericData.EnumSymbol(schema, schema.getEnumSymbols().get(0));
      case ARRAY -> List.of();
      case MAP -> Map.of();
      case UNION -> value(schema.getTypes().get(schema.getTypes().size() - 1));
      case RECORD -> filled(schema);
      case NULL -> throw new IllegalArgumentException("no value of " + schema);
      default -> throw new IllegalArgumentException("no value of " + schema);
    };
  }

  private static Schema newest(String record) {
    List<Schema> released = ReleasedSchemas.of("io.antiphon.schemas." + record);
    return released.get(released.size() - 1);
  }

  private static byte[] encoded(GenericRecord record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(0xC3);
    bytes.write(0x01);
    bytes.write(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(SchemaNormalization.parsingFingerprint64(record.getSchema()))
            .array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static String file(String name) throws IOException {
    return Objects.requireNonNull(Files.readString(Path.of("sql", name + ".sql")));
  }
}
