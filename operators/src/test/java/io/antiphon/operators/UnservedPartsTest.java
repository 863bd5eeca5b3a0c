package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.HistoryItem;
import io.antiphon.schemas.HoldEnded;
import io.antiphon.schemas.HoldStarted;
import io.antiphon.schemas.KeyPressed;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.Participant;
import io.antiphon.schemas.ParticipantChanged;
import io.antiphon.schemas.RecordingPaused;
import io.antiphon.schemas.RecordingResumed;
import io.antiphon.schemas.Style;
import io.antiphon.schemas.TurnDetection;
import io.antiphon.schemas.UnknownBody;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** What the records can say and nobody does yet is refused by name, and nothing stops. */
class UnservedPartsTest extends OneCallerToTheEnd {
  private static final HistoryItem ITEM = HistoryItem.newBuilder().setItemId("i").build();

  private static final List<SpecificRecord> UNSERVED =
      List.of(
          new HoldStarted(0, -1L),
          new HoldEnded(0, -1L),
          new RecordingPaused(-1L),
          new RecordingResumed(-1L),
          new ParticipantChanged(new Participant("p", "AGENT", 0), -1L));

  private static final Set<String> SERVED =
      Set.of(
          "ConversationStarted",
          "AudioChunk",
          "TextMessage",
          "TurnEnded",
          "Interrupted",
          "PlaybackAcknowledged",
          "ToolResult",
          "ConversationEnded",
          "AnswerRequested",
          "AudioDiscarded",
          "SettingsChanged",
          "ItemAdded",
          "ItemRemoved",
          "KeyPressed");

  @Test
  void everyBodyIsServedOrTriedHere() {
    Set<String> bodies = new TreeSet<>();
    for (Schema body : ConversationEvent.getClassSchema().getField("body").schema().getTypes()) {
      bodies.add(body.getName());
    }
    Set<String> tried = new TreeSet<>(SERVED);
    UNSERVED.forEach(body -> tried.add(body.getSchema().getName()));
    tried.add("UnknownBody");
    assertThat(tried).isEqualTo(bodies);
  }

  @Test
  void anUnservedEventIsRefusedByNameAndTheConversationGoesOn() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    for (SpecificRecord body : UNSERVED) {
      chain.play(script.event(body));
    }
    chain.play(script.event(new UnknownBody("Sneezed")), script.text("still there"));
    List<ConversationFailed> failures = chain.bodies(ConversationFailed.class);
    assertThat(failures).hasSize(UNSERVED.size() + 1).noneMatch(ConversationFailed::getTerminal);
    for (int i = 0; i < UNSERVED.size(); i++) {
      assertThat(failures.get(i).getCode()).isEqualTo(FailureCodes.UNSUPPORTED_EVENT);
      assertThat(failures.get(i).getMessage())
          .isEqualTo(UNSERVED.get(i).getSchema().getName() + " is not served");
    }
    assertThat(failures.get(UNSERVED.size()).getCode()).isEqualTo(FailureCodes.UNKNOWN_EVENT);
    assertThat(failures.get(UNSERVED.size()).getMessage()).contains("Sneezed");
    assertThat(chain.deadLetterCodes())
        .containsExactlyElementsOf(failures.stream().map(ConversationFailed::getCode).toList());
    assertThat(chain.answers()).containsExactly("1 STILL THERE");
  }

  @Test
  void anUnservedFieldOfAnEventIsRefusedByName() throws Exception {
    ByteBuffer sound = ByteBuffer.allocate(640);
    chain.play(
        script.started(Mode.SPEECH_TO_TEXT),
        script.event(new AudioChunk(sound, 1, -1L)),
        script.event(new AudioChunk(sound, 0, 20L)),
        script.event(new KeyPressed("1", 1, -1L)),
        script.event(new KeyPressed("1", 0, 20L)),
        script.text("still there"));
    assertThat(chain.bodies(ConversationFailed.class))
        .extracting(ConversationFailed::getMessage)
        .containsExactly(
            "AudioChunk.channel is 1, expected 0", "AudioChunk.offsetMillis is 20, expected -1",
            "KeyPressed.channel is 1, expected 0", "KeyPressed.offsetMillis is 20, expected -1");
    assertThat(chain.answers()).containsExactly("1 STILL THERE");
  }

  @Test
  void unservedSettingsAreRefusedByNameAllAtOnce() throws Exception {
    chain.play(
        script.event(
            Script.settings(Mode.UNKNOWN)
                .setInputFormat(new AudioFormat("pcm16", 16_000, 2))
                .setOutputFormat(new AudioFormat("pcm16", 24_000, 2))
                .setParticipants(List.of(new Participant("p", "AGENT", 1)))
                .setStyle(Style.newBuilder().setWhisper(true).build())
                .setTools(List.of("{\"name\":\"get\"}"))
                .setToolChoice("put")
                .setHistory(List.of(ITEM))
                .setTurnDetection(
                    new TurnDetection("silence", 700, 0.5, 200, true, false, 9_000, null))
                .build()));
    ConversationFailed failed = chain.bodies(ConversationFailed.class).get(0);
    assertThat(failed.getTerminal()).isTrue();
    assertThat(failed.getMessage())
        .contains(
            "inputFormat.channels is 2",
            "outputFormat.channels is 2",
            "participants.channel is 1",
            "style.whisper is true",
            "toolChoice is 'put', expected auto, none, required or a name of the tools [get]",
            "history[0] has kind 'message' and role ''",
            "turnDetection.threshold is 0.5",
            "turnDetection.prefixMillis is 200",
            "turnDetection.interruptsAnswer is true",
            "turnDetection.idleTimeoutMillis is 9000",
            "mode came with a later release");
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.INVALID_SETTINGS);
  }
}
