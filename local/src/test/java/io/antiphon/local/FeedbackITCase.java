package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.client.Answer;
import io.antiphon.client.Caller;
import io.antiphon.jobs.AgentDataflow;
import io.antiphon.schemas.Feedback;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.schemas.TextMessage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The model answers, somebody says what would have been better, and the trainer gets a pair. */
class FeedbackITCase {
  @Test
  void feedbackAboutAnAnswerBecomesAPreferencePair() throws Exception {
    try (NanoService nano =
        NanoService.start(
            new AgentDataflow(),
            Map.of("dataflow.flink.execution.checkpointing.interval", "200ms"))) {
      Answer answer;
      try (Caller caller = nano.call("judged", Mode.SPEECH_TO_TEXT)) {
        answer = caller.ask(new TextMessage("what is the capital of france"), piece -> {});
      }
      try (FeedbackService service = FeedbackService.start(nano)) {
        service.send(
            List.of(
                Feedback.newBuilder()
                    .setConversationId("judged")
                    .setTurn(0)
                    .setTime(Instant.ofEpochMilli(7))
                    .setRating(-1)
                    .setPreferredText("It is Paris, of course.")
                    .build()));

        Map<String, PreferencePair> pairs = service.pairs(1);

        assertThat(pairs).containsOnlyKeys("judged");
        PreferencePair pair = pairs.get("judged");
        assertThat(pair.getQuestion()).isEqualTo("what is the capital of france");
        assertThat(pair.getChosen().getText()).isEqualTo("It is Paris, of course.");
        assertThat(pair.getRejected().getText()).isEqualTo(answer.text());
        assertThat(service.job().restarts()).isZero();
      }
    }
  }
}
