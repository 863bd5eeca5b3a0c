package io.antiphon.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.schemas.CallFigures;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.MatchedCategory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sinks in {@code sql/}, but for where they lead: Parquet files and a Postgres of the test. */
class SqlSinksITCase {
  private static final long DAY = 86_400_000;

  @TempDir private Path folder;
  private TableEnvironment tables;

  @BeforeEach
  void calls() throws IOException {
    TopicTableFactory.TOPICS.clear();
    tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    tables.getConfig().set("parallelism.default", "1");
    tables.getConfig().set("table.local-time-zone", "UTC");
    // As docs/analytics.md says: a call that comes again is the same row.
    tables.getConfig().set("table.exec.sink.require-on-conflict", "false");
    tables.getConfig().set("table.exec.sink.upsert-materialize", "NONE");
    // What ends a file.
    tables.getConfig().set("execution.checkpointing.interval", "100ms");
    tables.executeSql(file("call-summaries"));
    TopicTableFactory.TOPICS.put(
        "call-summaries",
        List.of(
            summary("a", DAY, 60_000, "billing", "cancellation", "left alone"),
            summary("b", DAY + 1000, 20_000, "sales"),
            summary("c", 2 * DAY, 30_000, "billing", "cancellation")));
  }

  @Test
  void callsBecomeParquetFilesByDay() throws Exception {
    tables.executeSql(file("call-archive").replace("file:///var/lib/antiphon/calls", uri()));
    tables.executeSql(file("archive-calls")).await();
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    assertThat(files)
        .extracting(each -> folder.relativize(each.getParent()).toString())
        .contains("day=1970-01-02", "day=1970-01-03");
    for (Path each : files) {
      byte[] bytes = Files.readAllBytes(each);
      assertThat(new String(Arrays.copyOf(bytes, 4), StandardCharsets.US_ASCII)).isEqualTo("PAR1");
    }
    List<Row> rows = new ArrayList<>();
    try (CloseableIterator<Row> found =
        tables
            .executeSql(
                "SELECT conversationId, `time`, queue, durationMillis, sentiment,"
                    + " CARDINALITY(categories), `day` FROM call_archive")
            .collect()) {
      found.forEachRemaining(rows::add);
    }
    assertThat(rows)
        .containsExactlyInAnyOrder(
            row("a", DAY, "billing", 60_000, 2, "1970-01-02"),
            row("b", DAY + 1000, "sales", 20_000, 0, "1970-01-02"),
            row("c", 2 * DAY, "billing", 30_000, 1, "1970-01-03"));
  }

  private String uri() {
    return folder.toUri().toString();
  }

  private static Row row(
      String call, long time, String queue, long duration, int categories, String day) {
    return Row.of(call, Instant.ofEpochMilli(time), queue, duration, -1.5, categories, day);
  }

  /** A call that comes again, as after a failure, changes nothing. */
  @Test
  void callsAndTheirCategoriesAreRowsOfPostgres() throws Exception {
    try (EmbeddedPostgres postgres = postgres();
        Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(file("postgres/calls"));
      String url = postgres.getJdbcUrl("postgres", "postgres");
      for (String table : List.of("call-facts", "call-categories")) {
        tables.executeSql(file(table).replace("jdbc:postgresql://localhost:5432/antiphon", url));
      }
      for (int time = 0; time < 2; time++) {
        StatementSet both = tables.createStatementSet();
        both.addInsertSql(file("calls-to-postgres"));
        both.addInsertSql(file("categories-to-postgres"));
        both.execute().await();
      }
      assertThat(
              rows(
                  statement,
                  "SELECT queue, count(*), sum(duration_millis), min(ended_at) FROM call_facts"
                      + " GROUP BY queue ORDER BY queue"))
          .containsExactly(
              "billing|2|90000|1970-01-02 00:00:00", "sales|1|20000|1970-01-02 00:00:01");
      assertThat(
              rows(
                  statement, "SELECT conversation_id, category FROM call_categories ORDER BY 1, 2"))
          .containsExactly("a|cancellation", "a|left alone", "c|cancellation");
    }
  }

  /** Root starts it in a user namespace of its own, which not every container allows. */
  private static EmbeddedPostgres postgres() {
    try {
      return EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(2)).start();
    } catch (IOException | IllegalStateException e) {
      String reason = "Postgres cannot be started here: " + e;
      System.out.println(reason);
      return Assumptions.abort(reason);
    }
  }

  private static List<String> rows(Statement statement, String query) throws Exception {
    List<String> rows = new ArrayList<>();
    try (ResultSet found = statement.executeQuery(query)) {
      while (found.next()) {
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          columns.add(found.getString(i));
        }
        rows.add(String.join("|", columns));
      }
    }
    return rows;
  }

  private static byte[] summary(
      String call, long time, long duration, String queue, String... categories)
      throws IOException {
    CallSummary summary =
        CallSummary.newBuilder()
            .setConversationId(call)
            .setTime(Instant.ofEpochMilli(time))
            .setEndReason("ENDED")
            .setAttributes(Map.of("queue", queue))
            .setFigures(
                CallFigures.newBuilder().setDurationMillis(duration).setSentiment(-1.5).build())
            .setCategories(
                Arrays.stream(categories)
                    .map(each -> MatchedCategory.newBuilder().setName(each).build())
                    .toList())
            .build();
    ByteBuffer value = CallSummary.getEncoder().encode(summary);
    byte[] bytes = new byte[value.remaining()];
    value.get(bytes);
    return bytes;
  }

  private static String file(String name) throws IOException {
    return Files.readString(Path.of("sql", name + ".sql"));
  }
}
