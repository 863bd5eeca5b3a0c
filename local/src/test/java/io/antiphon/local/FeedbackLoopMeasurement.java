package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.client.Answer;
import io.antiphon.client.Caller;
import io.antiphon.jobs.AgentDataflow;
import io.antiphon.jobs.FeedbackJob;
import io.antiphon.schemas.Feedback;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.ToolResult;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * The whole way from an answer to a pair that the trainer reads: in written conversations of {@code
 * antiphon.data.robustness} the model calls a tool, the tool sends nothing or an error, and the
 * answer to it gets feedback: that it was right, or what should have been said. What {@link
 * FeedbackJob} makes of it is written, a line of JSON each. No test of a build:
 *
 * <pre>{@code
 * mvn verify -pl local,flink-sql-format -am -Dit.test=FeedbackLoopMeasurement -Dtest=none \
 *   -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
 *   -Dconversations=$PWD/training/runs/data/dialogues/robust_train.jsonl \
 *   -Dpairs=$PWD/training/runs/preferences/feedback.jsonl
 * }</pre>
 *
 * {@code -DstopAt} so many feedbacks, 200 by default.
 */
class FeedbackLoopMeasurement {
  private static final int CALLERS = 16;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final int stopAt = Integer.getInteger("stopAt", 200);

  /** What somebody thinks of an answer. */
  private record Opinion(String conversation, int turn, boolean right, String shouldHaveBeen) {
    Feedback feedback() {
      return Feedback.newBuilder()
          .setConversationId(conversation)
          .setTurn(turn)
          .setTime(Instant.now())
          .setRating(right ? 1 : -1)
          .setPreferredText(right ? null : shouldHaveBeen)
          .build();
    }
  }

  @Test
  void pairsOfFeedback() throws Exception {
    Path conversations = Path.of(System.getProperty("conversations"));
    Path out = Path.of(System.getProperty("pairs"));
    try (NanoService nano = NanoService.start(new AgentDataflow(), Map.of())) {
      try (FeedbackService service = FeedbackService.start(nano)) {
        List<Opinion> opinions = asked(nano, conversations);
        service.send(opinions.stream().map(Opinion::feedback).toList());
        long wanted = opinions.stream().filter(each -> !each.right()).count();
        Map<String, PreferencePair> pairs = service.pairs(wanted);
        Files.createDirectories(out.toAbsolutePath().getParent());
        Files.write(out, pairs.values().stream().map(PreferencePair::toString).toList());
        System.out.printf(
            "%d answers rated, %d of them wrong; %d pairs in %s; %d restarts%n",
            opinions.size(), wanted, pairs.size(), out, service.job().restarts());
        assertThat(pairs).hasSize((int) wanted);
        assertThat(service.job().restarts()).isZero();
      }
    }
  }

  private List<Opinion> asked(NanoService nano, Path conversations) throws Exception {
    List<Opinion> opinions = new ArrayList<>();
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try (BufferedReader lines = Files.newBufferedReader(conversations)) {
      String line = "";
      while (opinions.size() < stopAt && line != null) {
        List<Callable<Optional<Opinion>>> calls = new ArrayList<>();
        while (calls.size() < CALLERS && (line = lines.readLine()) != null) {
          JsonNode row = JSON.readTree(line);
          if (row.path("kind").asText().equals("nothing")) {
            calls.add(() -> ask(nano, row));
          }
        }
        for (Future<Optional<Opinion>> answered : callers.invokeAll(calls)) {
          answered.get().filter(each -> opinions.size() < stopAt).ifPresent(opinions::add);
        }
      }
    } finally {
      callers.shutdownNow();
    }
    return opinions;
  }

  /** None where the model called no tool. */
  private static Optional<Opinion> ask(NanoService nano, JsonNode row) throws Exception {
    String name = row.path("id").asText();
    String result = row.path("turns").path(1).path("tool_result").asText();
    String shouldHaveBeen = row.path("turns").path(1).path("assistant").asText();
    try (Caller caller = nano.call(name, Mode.SPEECH_TO_TEXT)) {
      Answer asked =
          caller.ask(new TextMessage(row.path("turns").path(0).path("user").asText()), piece -> {});
      if (!asked.callsTool()) {
        return Optional.empty();
      }
      String call = asked.toolCalls().get(0).getCallId();
      Answer answer = caller.ask(new ToolResult(call, result), piece -> {});
      boolean right = words(answer.text()).equals(words(shouldHaveBeen));
      return Optional.of(new Opinion(name, answer.turn(), right, shouldHaveBeen));
    }
  }

  private static String words(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
  }
}
