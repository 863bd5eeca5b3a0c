package io.antiphon.gateway.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.openai.models.realtime.RealtimeClientEvent;
import com.openai.models.realtime.RealtimeServerEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The documented tables of events are whole, and they say what the code does. */
class EventTableTest {
  private static final Pattern ROW = Pattern.compile("\\| `([a-z_.]+)` \\| (.+) \\|");

  /** What is said of each event of a table. */
  private static Map<String, String> table(String heading) throws IOException {
    String text = Files.readString(Path.of("..", "docs", "gateway.md"));
    int begin = text.indexOf("## " + heading);
    assertThat(begin).isNotNegative();
    String section = text.substring(begin, text.indexOf("\n## ", begin));
    Map<String, String> rows = new LinkedHashMap<>();
    Matcher row = ROW.matcher(section);
    while (row.find()) {
      assertThat(rows.put(row.group(1), row.group(2))).as(row.group(1) + " stands twice").isNull();
    }
    return rows;
  }

  /** All events that OpenAI's SDK knows, as their names' letters. */
  private static List<String> known(Class<?> visitor) {
    return Arrays.stream(visitor.getMethods())
        .map(method -> method.getName().replaceFirst("^visit", ""))
        .filter(name -> !name.isEmpty() && !name.equals("unknown"))
        .map(name -> name.toLowerCase(Locale.ROOT))
        .distinct()
        .toList();
  }

  private static String letters(String event) {
    return event.replaceAll("[._]", "");
  }

  @Test
  void everyServerEventIsToldAndSentAsTold() throws Exception {
    Map<String, String> rows = table("Server events");
    assertThat(rows.keySet())
        .extracting(EventTableTest::letters)
        .containsExactlyInAnyOrderElementsOf(known(RealtimeServerEvent.Visitor.class));
    assertThat(rows.values()).allMatch(told -> told.matches("(sent|never)\\b.*"));
    List<String> sent =
        Arrays.stream(ServerEvent.class.getAnnotation(JsonSubTypes.class).value())
            .map(JsonSubTypes.Type::name)
            .toList();
    assertThat(rows.keySet())
        .filteredOn(event -> rows.get(event).startsWith("sent"))
        .containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  void everyClientEventIsToldAndTakenAsTold() throws Exception {
    Map<String, String> rows = table("Client events");
    assertThat(rows.keySet())
        .extracting(EventTableTest::letters)
        .containsExactlyInAnyOrderElementsOf(known(RealtimeClientEvent.Visitor.class));
    assertThat(rows.values()).allMatch(told -> told.matches("(served|refused)\\b.*"));
    for (Map.Entry<String, String> row : rows.entrySet()) {
      TestSession session = new TestSession();
      session.take();
      session.session.text("{\"type\":\"" + row.getKey() + "\"}");
      boolean known =
          session.take().stream()
              .map(event -> event.path("error"))
              .filter(JsonNode::isObject)
              .noneMatch(
                  error ->
                      error.path("code").asText().equals("invalid_value")
                          && error.path("param").asText().equals("type"));
      assertThat(known).as(row.getKey()).isEqualTo(row.getValue().startsWith("served"));
    }
  }
}
