package io.antiphon.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.Usage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ResponseReaderTest {
  private static SpeechResponse speech(String conversation, int turn, long sequence) {
    return new SpeechResponse(
        conversation,
        turn,
        sequence,
        20 * sequence,
        new AudioFormat("pcm16", 24_000, 1),
        ByteBuffer.wrap(new byte[] {(byte) sequence}),
        false);
  }

  private static List<Long> sequences(List<SpeechResponse> responses) {
    return responses.stream().map(SpeechResponse::getSequence).toList();
  }

  @Test
  void everyResponseStandsOnceAndInItsPlaceWhateverTheTopicDoes() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      List<SpeechResponse> topic = new ArrayList<>();
      for (String conversation : List.of("a", "b")) {
        for (int turn = 0; turn < 3; turn++) {
          for (long sequence = 0; sequence < 20; sequence++) {
            for (int copy = random.nextInt(3); copy >= 0; copy--) {
              topic.add(speech(conversation, turn, sequence));
            }
          }
        }
      }
      Collections.shuffle(topic, random);
      ResponseReader<SpeechResponse> reader = ResponseReader.speech(100);
      List<SpeechResponse> heard = new ArrayList<>();
      topic.forEach(response -> heard.addAll(reader.accept(response)));
      for (String conversation : List.of("a", "b")) {
        for (int turn = 0; turn < 3; turn++) {
          int number = turn;
          List<SpeechResponse> answer =
              heard.stream()
                  .filter(r -> r.getConversationId().equals(conversation) && r.getTurn() == number)
                  .toList();
          assertThat(sequences(answer))
              .containsExactlyElementsOf(LongStream.range(0, 20).boxed().toList());
        }
      }
      assertThat(reader.duplicates()).isEqualTo(topic.size() - 120);
      assertThat(reader.openGaps()).isEmpty();
      assertThat(reader.lost()).isEmpty();
    }
  }

  @Test
  void aResentAnswerIsHeardOnce() {
    ResponseReader<SpeechResponse> reader = ResponseReader.speech(10);
    List<SpeechResponse> heard = new ArrayList<>();
    for (long sequence = 0; sequence < 5; sequence++) {
      heard.addAll(reader.accept(speech("a", 0, sequence)));
    }
    for (long sequence = 3; sequence < 8; sequence++) { // after a restart, from the checkpoint on
      heard.addAll(reader.accept(speech("a", 0, sequence)));
    }
    assertThat(sequences(heard)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(reader.duplicates()).isEqualTo(2);
  }

  @Test
  void reportsAGapUntilItIsFilled() {
    ResponseReader<SpeechResponse> reader = ResponseReader.speech(10);
    assertThat(sequences(reader.accept(speech("a", 0, 0)))).containsExactly(0L);
    assertThat(reader.accept(speech("a", 0, 3))).isEmpty();
    assertThat(reader.openGaps()).containsExactly(new ResponseGap("a", 0, 1, 3));
    assertThat(sequences(reader.accept(speech("a", 0, 1)))).containsExactly(1L);
    assertThat(reader.openGaps()).containsExactly(new ResponseGap("a", 0, 2, 3));
    assertThat(sequences(reader.accept(speech("a", 0, 2)))).containsExactly(2L, 3L);
    assertThat(reader.openGaps()).isEmpty();
  }

  @Test
  void aGapThatIsGivenUpIsLostAndTheStreamGoesOn() {
    ResponseReader<SpeechResponse> reader = ResponseReader.speech(10);
    assertThat(reader.accept(speech("a", 1, 2))).isEmpty();
    assertThat(reader.accept(speech("a", 1, 5))).isEmpty();
    assertThat(sequences(reader.giveUp("a", 1))).containsExactly(2L);
    assertThat(sequences(reader.giveUp("a", 1))).containsExactly(5L);
    assertThat(reader.giveUp("a", 1)).isEmpty();
    assertThat(reader.giveUp("unknown", 1)).isEmpty();
    assertThat(reader.lost())
        .containsExactly(new ResponseGap("a", 1, 0, 2), new ResponseGap("a", 1, 3, 5));
    assertThat(reader.accept(speech("a", 1, 4))).isEmpty(); // too late
    assertThat(sequences(reader.accept(speech("a", 1, 6)))).containsExactly(6L);
  }

  @Test
  void holdsNoMoreThanItMay() {
    ResponseReader<SpeechResponse> reader = ResponseReader.speech(2);
    assertThat(reader.accept(speech("a", 0, 1))).isEmpty();
    assertThat(reader.accept(speech("a", 0, 2))).isEmpty();
    assertThat(sequences(reader.accept(speech("a", 0, 3)))).containsExactly(1L, 2L, 3L);
    assertThat(reader.lost()).containsExactly(new ResponseGap("a", 0, 0, 1));
    assertThatThrownBy(() -> ResponseReader.speech(0))
        .hasMessage("maximumHeld is 0; expected at least 1");
  }

  @Test
  void forgetsAConversationThatIsOver() {
    ResponseReader<TextResponse> reader = ResponseReader.text(10);
    TextResponse hello = new TextResponse("a", 0, 0L, new TextDelta("hello", -1L));
    assertThat(reader.accept(hello)).containsExactly(hello);
    assertThat(reader.accept(hello)).isEmpty();
    reader.forget("a");
    assertThat(reader.accept(hello)).containsExactly(hello);
  }

  private static SpeechResponse last(long sequence) {
    return SpeechResponse.newBuilder(speech("a", 0, sequence)).setLast(true).build();
  }

  private static TextResponse delta(long sequence) {
    return new TextResponse("a", 0, sequence, new TextDelta("x", -1L));
  }

  private static TextResponse completed(long sequence) {
    return new TextResponse(
        "a",
        0,
        sequence,
        new TurnCompleted(
            "x",
            FinishReason.INTERRUPTED,
            new Usage(0, 0, 0, 0, 0),
            new StageLatencies(-1.0, -1.0, -1.0, -1.0, -1.0, 0.0),
            0L));
  }

  @Test
  void theEndOfATurnThatWasCutEarlierIsNotLost() {
    ResponseReader<TextResponse> reader = ResponseReader.text(10);
    List<TextResponse> read = new ArrayList<>();
    for (long sequence = 0; sequence < 5; sequence++) {
      read.addAll(reader.accept(delta(sequence)));
    }
    read.addAll(reader.accept(delta(8))); // held
    read.addAll(reader.accept(completed(3))); // after a restart
    read.addAll(reader.accept(completed(3)));
    read.addAll(reader.accept(delta(5)));
    assertThat(read).hasSize(6).last().isEqualTo(completed(3));
    assertThat(reader.openGaps()).isEmpty();
    assertThat(reader.duplicates()).isEqualTo(2);
  }

  @Test
  void aTurnEndsOnceAndNothingComesBehind() {
    ResponseReader<SpeechResponse> reader = ResponseReader.speech(10);
    assertThat(reader.accept(speech("a", 0, 0))).hasSize(1);
    assertThat(reader.accept(speech("a", 0, 2))).isEmpty();
    assertThat(reader.accept(last(2))).isEmpty(); // takes the held one's place
    assertThat(reader.accept(speech("a", 0, 1))).containsExactly(speech("a", 0, 1), last(2));
    assertThat(reader.accept(speech("a", 0, 3))).isEmpty(); // cut later this time
    assertThat(reader.accept(last(4))).isEmpty();
    assertThat(reader.accept(last(1))).isEmpty();
    assertThat(reader.openGaps()).isEmpty();
  }
}
