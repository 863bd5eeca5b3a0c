package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallFigures;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The supervisor's page: what is on it, in which order, and that nothing said becomes markup. */
class LiveCallBoardTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theWorstCallComesFirstAndThoseThatAreOverLast() throws Exception {
    LiveCallBoard board = new LiveCallBoard();
    board.add(metrics("calm", 0, 2.0, false));
    board.add(metrics("angry", 0, -3.0, false));
    board.add(metrics("over", 0, -5.0, true));
    board.add(metrics("waiting", 0, 1.0, false, "NON_TALK"));
    board.add(metrics("both", 0, 1.0, false, "NON_TALK", "SENTIMENT"));
    assertThat(ids(board)).containsExactly("both", "waiting", "angry", "calm", "over");
  }

  /** Live topics are written at least once and in no order among each other. */
  @Test
  void anyOrderAndRepetitionOfRecordsGivesTheSamePage() throws Exception {
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      records.add(metrics("a", i, i - 3.0, i == 4));
      records.add(segment("a", i, 0, "so far", false));
      records.add(segment("a", i, 1, "so far and on", true));
    }
    records.add(event("a", "HOLD-0", 0, null));
    records.add(event("a", "HOLD-0", 1, 9000L));
    String expected = null;
    for (int seed = 0; seed < 20; seed++) {
      List<Object> shuffled = new ArrayList<>(records);
      shuffled.addAll(records.subList(0, 7));
      Collections.shuffle(shuffled, new Random(seed));
      LiveCallBoard board = new LiveCallBoard();
      shuffled.forEach(each -> add(board, each));
      String page = board.whole("a").orElseThrow();
      expected = expected == null ? page : expected;
      assertThat(page).isEqualTo(expected);
    }
    JsonNode call = JSON.readTree(expected);
    assertThat(call.path("sentiment").asDouble()).isEqualTo(1.0);
    assertThat(call.path("segments")).hasSize(5);
    assertThat(call.path("segments").findValuesAsText("text")).containsOnly("so far and on");
    assertThat(call.path("events").get(0).path("end").asLong()).isEqualTo(9000);
  }

  @Test
  void memoryIsBounded() throws Exception {
    LiveCallBoard board = new LiveCallBoard();
    for (int i = 0; i < LiveCallBoard.MOST_CALLS + 10; i++) {
      board.add(metrics("call-" + i, 0, 0.0, false));
    }
    assertThat(ids(board)).hasSize(LiveCallBoard.MOST_CALLS).doesNotContain("call-0", "call-9");
    for (int i = 0; i < LiveCallBoard.MOST_SEGMENTS + 10; i++) {
      board.add(segment("call-20", i, 0, "text", true));
    }
    assertThat(JSON.readTree(board.whole("call-20").orElseThrow()).path("segments"))
        .hasSize(LiveCallBoard.MOST_SEGMENTS);
  }

  @Test
  void thePageIsServedOnLoopbackAndNothingSaidBecomesMarkup() throws Exception {
    LiveCallBoard board = new LiveCallBoard();
    String id = "call/1 ü+?";
    board.add(segment(id, 0, 0, "<script>alert(1)</script>", true));
    try (BoardServer server =
        new BoardServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), board)) {
      HttpResponse<String> page = get(server, "/");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("<title>Calls</title>");
      assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'");
      assertThat(get(server, "/board.js").body())
          .contains("textContent")
          .doesNotContain("innerHTML");
      assertThat(get(server, "/board.css").statusCode()).isEqualTo(200);
      HttpResponse<String> call = get(server, "/calls/call%2F1%20%C3%BC%2B%3F");
      assertThat(call.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("application/json");
      assertThat(JSON.readTree(call.body()).path("segments").get(0).path("text").asText())
          .isEqualTo("<script>alert(1)</script>");
      assertThat(get(server, "/calls").body()).contains("call/1");
      assertThat(get(server, "/calls/nobody").statusCode()).isEqualTo(404);
      assertThat(get(server, "/../board.html").statusCode()).isEqualTo(404);
    }
  }

  private static HttpResponse<String> get(BoardServer server, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static void add(LiveCallBoard board, Object record) {
    if (record instanceof CallMetrics metrics) {
      board.add(metrics);
    } else if (record instanceof CallSegment segment) {
      board.add(segment);
    } else {
      board.add((CallEvent) record);
    }
  }

  private static List<String> ids(LiveCallBoard board) throws Exception {
    return JSON.readTree(board.calls()).path("calls").findValuesAsText("id");
  }

  private static CallMetrics metrics(
      String call, long revision, double sentiment, boolean ended, String... alerts) {
    return CallMetrics.newBuilder()
        .setConversationId(call)
        .setRevision(revision)
        .setTime(Instant.EPOCH)
        .setFigures(
            CallFigures.newBuilder().setDurationMillis(1000).setSentiment(sentiment).build())
        .setAlerts(List.of(alerts))
        .setEnded(ended)
        .build();
  }

  private static CallSegment segment(
      String call, int number, int revision, String text, boolean last) {
    return CallSegment.newBuilder()
        .setConversationId(call)
        .setSegmentId("0-" + number)
        .setRevision(revision)
        .setLast(last)
        .setTime(Instant.EPOCH)
        .setBeginMillis(number * 1000L)
        .setEndMillis(number * 1000L + 800)
        .setText(text)
        .build();
  }

  private static CallEvent event(String call, String id, int revision, Long end) {
    return CallEvent.newBuilder()
        .setConversationId(call)
        .setEventId(id)
        .setRevision(revision)
        .setTime(Instant.EPOCH)
        .setKind("HOLD")
        .setBeginMillis(5000)
        .setEndMillis(end)
        .build();
  }
}
