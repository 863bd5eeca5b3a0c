package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.Sampling;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnDetection;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every kind of bad input has its outcome, and the conversation beside it its answer. */
class BadInputTest extends OneCallerToTheEnd {
  @Test
  void recordsThatCannotBeDecoded() throws Exception {
    InboundRecord good = script.started(Mode.SPEECH_TO_TEXT);
    byte[] key = Records.key("c");
    byte[] cut = Arrays.copyOf(good.value(), good.value().length - 3);
    byte[] unknown = good.value().clone();
    unknown[5] ^= 1;
    chain.play(
        good,
        Script.raw(null, good.value()),
        Script.raw(new byte[0], good.value()),
        Script.raw(new byte[] {(byte) 0xff}, good.value()),
        Script.raw(Records.key("x".repeat(257)), good.value()),
        Script.raw(Records.key("d"), good.value()),
        Script.raw(key, null),
        Script.raw(key, "hello".getBytes(StandardCharsets.UTF_8)),
        Script.raw(key, cut),
        Script.raw(key, unknown),
        Script.raw(key, new byte[Chain.MAXIMUM_RECORD_BYTES + 1]),
        script.text("still there"));
    assertThat(chain.deadLetterCodes())
        .containsExactly(
            RecordDecodingException.MISSING_KEY,
            RecordDecodingException.MISSING_KEY,
            RecordDecodingException.INVALID_KEY,
            RecordDecodingException.INVALID_KEY,
            RecordDecodingException.INVALID_KEY,
            RecordDecodingException.MISSING_VALUE,
            RecordDecodingException.UNDECODABLE,
            RecordDecodingException.UNDECODABLE,
            RecordDecodingException.UNKNOWN_VERSION,
            RecordDecodingException.RECORD_TOO_LARGE);
    DeadLetter letter = chain.deadLetters.get(6);
    assertThat(letter.getTopic()).isEqualTo("audio-chunks");
    assertThat(letter.getKey()).isEqualTo(ByteBuffer.wrap(key));
    assertThat(letter.getValue())
        .isEqualTo(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
    assertThat(letter.getMessage()).contains("5 bytes");
    assertThat(chain.deadLetters.get(9).getValue()).isNull();
    assertThat(chain.answers()).containsExactly("1 STILL THERE");
  }

  @Test
  void anythingBeforeTheStart() throws Exception {
    chain.play(script.audio(20), script.ended());
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.NOT_STARTED);
    // The second one waited for what might have stood before it.
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.text("now"));
    assertThat(chain.deadLetterCodes())
        .containsExactly(FailureCodes.NOT_STARTED, FailureCodes.NOT_STARTED);
    assertThat(chain.failures()).containsExactly(FailureCodes.NOT_STARTED);
    assertThat(chain.answers()).containsExactly("1 NOW");
  }

  @Test
  void aSecondStart() throws Exception {
    chain.play(
        script.started(Mode.SPEECH_TO_TEXT), script.started(Mode.TRANSCRIPTION), script.text("x"));
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.ALREADY_STARTED);
    assertThat(chain.failures()).containsExactly(FailureCodes.ALREADY_STARTED);
    assertThat(chain.answers()).containsExactly("1 X");
  }

  @Test
  void anythingAfterTheEnd() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.closed(), script.text("x"));
    assertThat(chain.deadLetterCodes()).containsExactly(FailureCodes.CONVERSATION_ENDED);
    assertThat(chain.text).isEmpty();
  }

  @Test
  void unsupportedFormats() throws Exception {
    chain.play(
        script.event(
            Script.settings(Mode.SPEECH_TO_SPEECH)
                .setInputFormat(Script.format("mp3", 16000))
                .setOutputFormat(Script.format("pcm16", 12345))
                .build()),
        script.audio(20));
    ConversationFailed failed = chain.bodies(ConversationFailed.class).get(0);
    assertThat(failed.getCode()).isEqualTo(FailureCodes.UNSUPPORTED_AUDIO_FORMAT);
    assertThat(failed.getMessage()).contains("mp3").contains("12345");
    assertThat(failed.getTerminal()).isTrue();
    assertThat(chain.deadLetterCodes())
        .containsExactly(FailureCodes.UNSUPPORTED_AUDIO_FORMAT, FailureCodes.CONVERSATION_ENDED);
    assertThat(chain.host.open).isEmpty();
  }

  @Test
  void settingsThatAreNotOfferedAllAtOnce() throws Exception {
    chain.play(
        script.event(
            Script.settings(Mode.SPEECH_TO_SPEECH)
                .setTurnDetection(
                    TurnDetection.newBuilder().setType("silence").setSilenceMillis(5).build())
                .setVoice("alto")
                .setTools(List.of("{", "[]"))
                .setSampling(
                    Sampling.newBuilder()
                        .setTextTemperature(-1.0)
                        .setSpeechTopP(0.0)
                        .setMaximumNewPositions(0)
                        .build())
                .build()));
    ConversationFailed failed = chain.bodies(ConversationFailed.class).get(0);
    assertThat(failed.getCode()).isEqualTo(FailureCodes.INVALID_SETTINGS);
    assertThat(failed.getMessage())
        .contains(
            "silenceMillis is 5",
            "voice is 'alto'",
            "tools[0]",
            "tools[1]",
            "temperature is -1.0",
            "topP is 0.0",
            "maximumNewPositions is 0");
  }

  @Test
  void chunksThatEndWithinASample() throws Exception {
    byte[] tone = new byte[641 * 21];
    for (int i = 0; i < tone.length; i++) {
      tone[i] = (byte) (i % 2 == 0 ? 0 : 40 * Math.sin(i * 0.05));
    }
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    for (int at = 0; at < tone.length; at += 641) {
      chain.play(script.bytes(Arrays.copyOfRange(tone, at, at + 641)));
    }
    chain.play(script.ended(), script.bytes(tone), script.ended());
    assertThat(chain.deadLetterCodes()).isEmpty();
    assertThat(chain.failures()).isEmpty();
    assertThat(chain.answers()).hasSize(2);
  }

  /** Discontinuous transmission: silence, and no complaint a packet. */
  @Test
  void emptyOpusPackets() throws Exception {
    chain.play(
        script.event(
            Script.settings(Mode.SPEECH_TO_TEXT)
                .setInputFormat(Script.format("opus", 48_000))
                .build()));
    for (int i = 0; i < 50; i++) {
      chain.play(script.bytes());
    }
    chain.play(script.ended());
    assertThat(chain.deadLetterCodes()).isEmpty();
    assertThat(chain.failures()).containsExactly(FailureCodes.SILENT_TURN);
  }

  @Test
  void turnsWithNothingToHear() throws Exception {
    chain.play(
        script.started(Mode.SPEECH_TO_SPEECH),
        script.ended(),
        script.audio(3000, 0),
        script.ended(),
        script.text(" "),
        script.text("x"));
    assertThat(chain.failures())
        .containsExactly(
            FailureCodes.EMPTY_TURN, FailureCodes.SILENT_TURN, FailureCodes.EMPTY_TURN);
    assertThat(chain.bodies(TurnCompleted.class))
        .extracting(TurnCompleted::getFinishReason)
        .containsExactly(
            FinishReason.FAILED, FinishReason.FAILED, FinishReason.FAILED, FinishReason.STOP);
    assertThat(chain.answers().get(3)).isEqualTo("1 X");
  }

  @Test
  void aTurnWithoutEnd() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    for (int second = 0; second < 1800; second += 4) {
      chain.play(script.audio(4000));
    }
    assertThat(chain.failures()).containsExactly(FailureCodes.TURN_TOO_LONG);
    assertThat(chain.answers()).containsExactly("");
    chain.play(script.ended(), script.audio(400), script.ended());
    assertThat(chain.answers()).hasSize(2);
    assertThat(chain.bodies(TurnCompleted.class).get(1).getFinishReason())
        .isEqualTo(FinishReason.STOP);
  }

  @Test
  void silenceForTooLong() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.text("x"));
    chain.advance(Duration.ofSeconds(59));
    assertThat(chain.failures()).isEmpty();
    chain.advance(Duration.ofSeconds(2));
    assertThat(chain.failures()).containsExactly(FailureCodes.IDLE_TIMEOUT);
    assertThat(chain.bodies(ConversationFailed.class).get(0).getTerminal()).isTrue();
    assertThat(chain.host.open).isEmpty();
    assertThat(chain.kept()).isZero();
  }

  @Test
  void duplicates() throws Exception {
    InboundRecord start = script.started(Mode.SPEECH_TO_TEXT);
    chain.play(start, start);
    script.skip(-1);
    chain.play(script.started(Mode.SPEECH_TO_TEXT), script.text("x"));
    assertThat(chain.deadLetterCodes())
        .containsExactly(FailureCodes.DUPLICATE, FailureCodes.DUPLICATE);
    assertThat(chain.failures()).isEmpty();
    assertThat(chain.answers()).containsExactly("1 X");
  }

  @Test
  void reorderingIsHealed() throws Exception {
    chain.play(
        script.at(1, new TextMessage("first")),
        script.at(2, new TextMessage("second")),
        script.at(0, Script.settings(Mode.SPEECH_TO_TEXT).build()));
    assertThat(chain.answers()).containsExactly("1 FIRST", "2 SECOND");
    assertThat(chain.failures()).isEmpty();
    assertThat(chain.deadLetters).isEmpty();
  }

  @Test
  void missingRecordsAreReportedAndTheConversationGoesOn() throws Exception {
    chain.play(script.started(Mode.SPEECH_TO_TEXT));
    script.skip(2);
    chain.play(script.text("x"));
    assertThat(chain.answers()).isEmpty();
    chain.advance(Duration.ofMillis(600));
    assertThat(chain.failures()).containsExactly(FailureCodes.SEQUENCE_GAP);
    assertThat(chain.bodies(ConversationFailed.class).get(0).getMessage()).contains("1 to 2");
    assertThat(chain.answers()).containsExactly("1 X");
    // Too late to be in order, but not lost.
    chain.play(script.at(1, new TextMessage("late")));
    assertThat(chain.answers()).containsExactly("1 X", "2 LATE");
    assertThat(chain.deadLetters).isEmpty();
  }

  @Test
  void jumpsAreNotTrustedUntilTheyGoOn() throws Exception {
    chain.play(
        script.started(Mode.SPEECH_TO_TEXT),
        script.at(1_000_000, new TurnEnded()),
        script.at(-1, new TurnEnded()),
        script.at(Long.MAX_VALUE, new TurnEnded()),
        script.text("x"));
    assertThat(chain.deadLetterCodes())
        .containsExactly(
            FailureCodes.SEQUENCE_JUMP,
            FailureCodes.INVALID_SEQUENCE,
            FailureCodes.INVALID_SEQUENCE);
    assertThat(chain.answers()).containsExactly("1 X");
    script.skip(100);
    chain.play(script.text("a"), script.text("b"), script.text("c"), script.text("d"));
    assertThat(chain.answers()).containsExactly("1 X", "2 C", "3 D");
    assertThat(chain.failures()).last().isEqualTo(FailureCodes.SEQUENCE_GAP);
  }
}
