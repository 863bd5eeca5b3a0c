package io.antiphon.chaos.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.chaos.callers.ReceivedAnswer;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.Usage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The checker finds what it is there for. */
class AnswerDiffTest {
  private static final int MILLIS = 200;
  private static final AudioFormat FORMAT = new AudioFormat("pcm16", 24_000, 1);

  @Test
  void theSameIsTheSame() {
    assertThat(AnswerDiff.of("answer", heard("yes", 0, 200, 400), heard("yes", 0, 200, 400)).same())
        .isTrue();
  }

  @Test
  void aMissingPieceIsLostFrames() {
    AnswerDiff verdict = AnswerDiff.of("answer", heard("yes", 0, 400), heard("yes", 0, 200, 400));

    assertThat(verdict.framesLost()).isGreaterThanOrEqualTo(MILLIS / 40);
    assertThat(verdict.same()).isFalse();
  }

  @Test
  void aRepeatedPieceIsHeardTwice() {
    AnswerDiff verdict = AnswerDiff.of("answer", heard("yes", 0, 200, 200), heard("yes", 0, 200));

    assertThat(verdict.framesTwice()).isEqualTo(MILLIS / 40);
    assertThat(verdict.same()).isFalse();
  }

  @Test
  void otherWordsAndOtherSamplesAreTold() {
    assertThat(AnswerDiff.of("answer 3", heard("no", 0), heard("yes", 0)).differences())
        .singleElement()
        .asString()
        .contains("answer 3", "\"no\"", "\"yes\"");
    ReceivedAnswer other = new ReceivedAnswer(0, 0, false);
    other.add(piece(0, (byte) 9, true), 0);
    other.add(completed("yes"));
    assertThat(AnswerDiff.of("answer", other, heard("yes", 0)).differences())
        .singleElement()
        .asString()
        .contains("the first other one at 0");
  }

  @Test
  void playbackStandsStillWhereAudioComesTooLate() {
    ReceivedAnswer heard = new ReceivedAnswer(0, 0, false);
    heard.add(piece(0, (byte) 0, false), at(1000));
    heard.add(piece(200, (byte) 1, false), at(1100));
    heard.add(piece(400, (byte) 2, true), at(3000));

    // 400 ms were there at 1100; they ended at 1400.
    assertThat(heard.silenceMillis()).isEqualTo(1600);
    assertThat(heard.voiceBackAfter(at(1050))).isEqualTo(at(3000));
    assertThat(heard.voiceBackAfter(at(3001))).isEqualTo(-1);
    assertThat(heard.playedAt()).isEqualTo(at(3200));
  }

  private static ReceivedAnswer heard(String text, int... offsets) {
    ReceivedAnswer heard = new ReceivedAnswer(0, 0, false);
    for (int i = 0; i < offsets.length; i++) {
      heard.add(piece(offsets[i], (byte) i, i == offsets.length - 1), at(offsets[i]));
    }
    heard.add(completed(text));
    return heard;
  }

  private static SpeechResponse piece(int offset, byte fill, boolean last) {
    byte[] bytes = new byte[MILLIS * 48];
    Arrays.fill(bytes, fill);
    return new SpeechResponse("c", 0, 0L, (long) offset, FORMAT, ByteBuffer.wrap(bytes), last);
  }

  private static TextResponse completed(String text) {
    TurnCompleted end =
        TurnCompleted.newBuilder()
            .setText(text)
            .setFinishReason(FinishReason.STOP)
            .setUsage(new Usage(1, 1, 1, 1, 0))
            .setLatencies(StageLatencies.newBuilder().build())
            .setAudioMillis(MILLIS)
            .build();
    return new TextResponse("c", 0, 0L, end);
  }

  private static long at(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
