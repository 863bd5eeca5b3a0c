package io.antiphon.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.SpeechResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What holds for every topic: random orders, duplicates, losses, cuts. */
class ResponseReaderPropertiesTest {
  private static final int MOST = 12;

  private record Place(String conversation, int turn) {}

  private static SpeechResponse piece(Place place, long sequence, boolean last) {
    return new SpeechResponse(
        place.conversation(),
        place.turn(),
        sequence,
        20 * sequence,
        new AudioFormat("pcm16", 24_000, 1),
        ByteBuffer.allocate(2),
        last);
  }

  /** Answers of several callers, some pieces of which never come and some of which come often. */
  private static List<SpeechResponse> topic(Random random, Map<Place, Set<Long>> sent) {
    List<SpeechResponse> topic = new ArrayList<>();
    for (String caller : List.of("a", "b", "c")) {
      for (int turn = 0; turn < 4; turn++) {
        Place place = new Place(caller, turn);
        int pieces = 1 + random.nextInt(MOST);
        double loss = random.nextBoolean() ? 0 : 0.2;
        for (long sequence = 0; sequence < pieces; sequence++) {
          if (random.nextDouble() < loss) {
            continue;
          }
          sent.computeIfAbsent(place, any -> new TreeSet<>()).add(sequence);
          for (int copy = random.nextInt(3); copy >= 0; copy--) {
            topic.add(piece(place, sequence, sequence == pieces - 1));
          }
        }
      }
    }
    int disorder = 1 + random.nextInt(topic.size());
    for (int from = 0; from < topic.size(); from += disorder) {
      Collections.shuffle(topic.subList(from, Math.min(topic.size(), from + disorder)), random);
    }
    return topic;
  }

  private static void add(Map<Place, List<SpeechResponse>> heard, List<SpeechResponse> pieces) {
    for (SpeechResponse piece : pieces) {
      heard
          .computeIfAbsent(
              new Place(piece.getConversationId(), piece.getTurn()), any -> new ArrayList<>())
          .add(piece);
    }
  }

  @Test
  void everyPieceThatWasSentIsHeardOnceInItsPlaceAndEveryGapIsTold() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      Map<Place, Set<Long>> sent = new HashMap<>();
      List<SpeechResponse> topic = topic(random, sent);
      ResponseReader<SpeechResponse> reader = ResponseReader.speech(MOST);
      Map<Place, List<SpeechResponse>> heard = new HashMap<>();
      topic.forEach(piece -> add(heard, reader.accept(piece)));
      while (!reader.openGaps().isEmpty()) {
        ResponseGap gap = reader.openGaps().get(0);
        add(heard, reader.giveUp(gap.conversationId(), gap.turn()));
      }
      Map<Place, Set<Long>> missing = new HashMap<>();
      for (ResponseGap gap : reader.lost()) {
        for (long sequence = gap.firstMissing(); sequence < gap.nextPresent(); sequence++) {
          missing
              .computeIfAbsent(new Place(gap.conversationId(), gap.turn()), any -> new HashSet<>())
              .add(sequence);
        }
      }
      int heardPieces = 0;
      for (Map.Entry<Place, Set<Long>> each : sent.entrySet()) {
        List<Long> sequences =
            heard.get(each.getKey()).stream().map(SpeechResponse::getSequence).toList();
        assertThat(sequences).as("seed %d", seed).containsExactlyElementsOf(each.getValue());
        assertThat(missing.getOrDefault(each.getKey(), Set.of()))
            .as("seed %d", seed)
            .doesNotContainAnyElementsOf(each.getValue());
        long last = Collections.max(each.getValue());
        Set<Long> expected = new HashSet<>();
        for (long sequence = 0; sequence < last; sequence++) {
          if (!each.getValue().contains(sequence)) {
            expected.add(sequence);
          }
        }
        assertThat(missing.getOrDefault(each.getKey(), Set.of())).isEqualTo(expected);
        heardPieces += sequences.size();
      }
      assertThat(reader.duplicates()).isEqualTo(topic.size() - heardPieces);
      assertThat(reader.late()).isZero();
    }
  }

  @Test
  void anEndThatMovesIsHeardOnceAndNothingBehindIt() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      Place place = new Place("a", 0);
      int first = 1 + random.nextInt(MOST);
      int second = 1 + random.nextInt(MOST);
      List<SpeechResponse> topic = new ArrayList<>();
      for (long sequence = 0; sequence < first; sequence++) {
        topic.add(piece(place, sequence, false)); // no end: the writer was killed
      }
      for (long sequence = random.nextInt(second); sequence < second; sequence++) {
        topic.add(piece(place, sequence, sequence == second - 1));
      }
      ResponseReader<SpeechResponse> reader = ResponseReader.speech(MOST);
      Map<Place, List<SpeechResponse>> heard = new HashMap<>();
      topic.forEach(piece -> add(heard, reader.accept(piece)));
      reader.openGaps().forEach(gap -> add(heard, reader.giveUp(gap.conversationId(), gap.turn())));
      topic.forEach(piece -> add(heard, reader.accept(piece))); // all of it once more
      List<SpeechResponse> answer = heard.get(place);
      assertThat(answer.stream().filter(SpeechResponse::getLast)).as("seed %d", seed).hasSize(1);
      assertThat(answer.get(answer.size() - 1).getLast()).isTrue();
      List<Long> before =
          answer.subList(0, answer.size() - 1).stream().map(SpeechResponse::getSequence).toList();
      assertThat(before).doesNotHaveDuplicates().isSorted();
    }
  }

  @Test
  void memoryIsBoundedWhateverComes() {
    ReaderLimits limits = new ReaderLimits(3, 5, 7);
    ResponseReader<SpeechResponse> reader = ResponseReader.speech(limits);
    Random random = new Random(1);
    for (int i = 0; i < 50_000; i++) {
      reader.accept(
          piece(
              new Place("c" + random.nextInt(9), random.nextInt(9) - 1),
              random.nextInt(1_000),
              random.nextInt(50) == 0));
      assertThat(reader.remembered()).isLessThanOrEqualTo(7);
      assertThat(reader.openGaps()).hasSizeLessThanOrEqualTo(7 * (5 + 1));
      assertThat(reader.lost()).hasSizeLessThanOrEqualTo(256);
    }
    assertThat(reader.lostGaps()).isGreaterThan(256);
    assertThat(reader.late()).isPositive();
  }

  @Test
  void anOldTurnIsLateAndTheConversationsOwnRecordsNeverAre() {
    ResponseReader<SpeechResponse> reader = ResponseReader.speech(new ReaderLimits(3, 2, 7));
    for (int turn = 0; turn < 5; turn++) {
      assertThat(reader.accept(piece(new Place("a", turn), 0, true))).hasSize(1);
    }
    assertThat(reader.accept(piece(new Place("a", 2), 0, true))).isEmpty();
    assertThat(reader.late()).isEqualTo(1);
    assertThat(reader.accept(piece(new Place("a", -1), 0, false))).hasSize(1);
    assertThat(reader.accept(piece(new Place("a", -1), 0, false))).isEmpty();
    assertThat(reader.accept(piece(new Place("a", 4), 0, true))).isEmpty();
    assertThat(reader.duplicates()).isEqualTo(2);
  }
}
