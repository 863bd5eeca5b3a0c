package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.ConversationMessage;
import io.antiphon.operators.message.ConversationMessageSerializer;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.ConversationRefused;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.TextResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations beyond the host's capacity. */
class AdmissionTest {
  private static final int CAPACITY = 2;

  @TempDir static Path directory;
  private static Bundle bundle;
  private Chain chain;
  private final Script[] scripts = {
    new Script("zero"), new Script("one"), new Script("two"), new Script("three")
  };

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  @BeforeEach
  void open() throws Exception {
    chain = Chain.open(bundle, FakeModel.ECHO);
    chain.host.admission = new FakeAdmission(CAPACITY);
  }

  @AfterEach
  void close() throws Exception {
    chain.close();
    assertThat(chain.host.admission.held).isZero();
  }

  private void start(int... callers) throws Exception {
    for (int caller : callers) {
      chain.play(scripts[caller].started(Mode.SPEECH_TO_TEXT));
    }
  }

  private List<String> refused() {
    return chain.text.stream()
        .filter(response -> response.getBody() instanceof ConversationRefused)
        .map(TextResponse::getConversationId)
        .toList();
  }

  @Test
  void oneBeyondTheCapacityIsToldWhyAndWhenToComeAgain() throws Exception {
    start(0, 1, 2);
    assertThat(refused()).containsExactly("two");
    ConversationRefused refusal = chain.bodies(ConversationRefused.class).get(0);
    assertThat(refusal.getReason()).isEqualTo("capacity: all 2 places are taken");
    assertThat(refusal.getRetryAfterMillis()).isEqualTo(5000);
    assertThat(chain.text.get(0).getTurn()).isEqualTo(-1);
    assertThat(chain.deadLetters).isEmpty();
  }

  @Test
  void aRefusalSurvivesSerialisation() throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    ConversationMessage refusal = new ConversationMessage.Refused("c", "load: full", 5000);
    ConversationMessageSerializer serializer = new ConversationMessageSerializer();
    serializer.serialize(refusal, out);
    assertThat(serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
        .isEqualTo(refusal);
  }

  @Test
  void whatComesInARefusedConversationIsDropped() throws Exception {
    start(0, 1, 2);
    chain.play(scripts[2].audio(2500), scripts[2].ended(), scripts[2].text("x"));
    assertThat(chain.text).hasSize(1);
    assertThat(chain.deadLetters).isEmpty();
    assertThat(chain.host.open).hasSize(2); // of those that were taken

    chain.play(scripts[2].closed());
    chain.play(scripts[2].text("x"));
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.CONVERSATION_ENDED);
  }

  @Test
  void runningOnesAreServedAsIfNobodyElseHadCome() throws Exception {
    start(0, 1);
    chain.send(scripts[0].text("hi"));
    for (int caller = 2; caller < 4; caller++) {
      chain.send(
          scripts[caller].started(Mode.SPEECH_TO_SPEECH),
          scripts[caller].audio(2500),
          scripts[caller].ended());
    }
    chain.send(scripts[1].text("there")).settle();
    assertThat(chain.answers()).containsExactly("1 HI", "1 THERE");
    assertThat(refused()).containsExactly("two", "three");
  }

  @Test
  void aPlaceThatIsFreeAgainIsGivenToWhoAsksNext() throws Exception {
    start(0, 1, 2);
    chain.play(scripts[0].closed());
    start(2, 3);
    chain.play(scripts[2].text("now"));
    assertThat(chain.answers()).containsExactly("1 NOW");
    assertThat(refused()).containsExactly("two", "three");
    assertThat(chain.text.stream().filter(r -> r.getConversationId().equals("two")))
        .extracting(TextResponse::getSequence)
        .startsWith(0L);
  }

  @Test
  void aSecondRefusalHasANumberOfItsOwn() throws Exception {
    start(0, 1, 2, 2);
    assertThat(refused()).containsExactly("two", "two");
    assertThat(chain.text).extracting(TextResponse::getSequence).containsExactly(0L, 1L);
  }

  @Test
  void whoIsSilentGivesThePlaceBackAndIsNeverRefusedOnReturn() throws Exception {
    start(0, 1);
    chain.advance(Duration.ofSeconds(19)).play(scripts[1].text("a"));
    assertThat(chain.host.admission.held).isEqualTo(2);
    chain.advance(Duration.ofSeconds(1));
    assertThat(chain.host.admission.held).isEqualTo(1);
    start(2);
    assertThat(refused()).isEmpty();

    chain.play(scripts[0].text("back"));
    assertThat(chain.answers()).containsExactly("1 A", "1 BACK");
    assertThat(chain.host.admission.held).isEqualTo(3);
    start(3);
    assertThat(refused()).containsExactly("three");
  }

  @Test
  void whoIsForgottenGivesThePlaceBack() throws Exception {
    start(0, 1, 2);
    chain.advance(Duration.ofSeconds(61));
    assertThat(chain.host.admission.held).isZero();
    assertThat(chain.kept()).isZero();
  }

  @Test
  void restoredOnesAreTakenThoughTheHostIsSmaller() throws Exception {
    start(0, 1, 2);
    List<OperatorSubtaskState> states = chain.snapshot();
    FakeHost smaller = new FakeHost(bundle, 400, FakeModel.ECHO);
    smaller.admission = new FakeAdmission(1);
    try (Chain later = new Chain(smaller, states)) {
      assertThat(smaller.admission.held).isEqualTo(2);
      later.play(scripts[0].text("a"), scripts[1].text("b"), scripts[2].text("c"));
      assertThat(later.answers()).containsExactly("1 A", "1 B");
      later.play(scripts[3].started(Mode.SPEECH_TO_TEXT));
      assertThat(later.bodies(ConversationRefused.class)).hasSize(1);
    }
    assertThat(smaller.admission.held).isZero();
  }
}
