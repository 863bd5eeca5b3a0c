package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.serde.Records;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ResponseSchemaTest {
  @Test
  void aCompletedTurnOfAnyInputIsTakenByBrokersAndConsumers() throws Exception {
    CompletedTurn turn =
        CompletedTurn.newBuilder()
            .setConversationId("c")
            .setTurn(0)
            .setTime(Instant.EPOCH)
            .setText("yes")
            .setQuestion("two tools' results ".repeat(200_000))
            .build();
    byte[] value = ResponseSchema.value(turn);
    assertThat(value).hasSizeLessThanOrEqualTo(ResponseSchema.MAXIMUM_COMPLETED_TURN_BYTES);
    CompletedTurn read = Records.decodeCompletedTurn(value);
    assertThat(read.getText()).isEqualTo("yes");
    assertThat(read.getTruncations()).hasSize(1);
    assertThat(read.getTruncations().get(0).getField()).isEqualTo("question");
  }
}
