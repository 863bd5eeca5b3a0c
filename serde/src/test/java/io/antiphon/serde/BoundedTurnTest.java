package io.antiphon.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ModelIdentity;
import io.antiphon.schemas.Style;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.Truncation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BoundedTurnTest {
  private static final String[] ALPHABET = {"a", "ß", "語", "😀", "\n", "\"", "\ud800"};

  private static CompletedTurn.Builder turn() {
    return CompletedTurn.newBuilder().setConversationId("c").setTurn(1).setTime(Instant.EPOCH);
  }

  private static int size(CompletedTurn turn) {
    return Records.encode(turn, Integer.MAX_VALUE).length;
  }

  private static String text(Random random, int most) {
    int characters = random.nextInt(4) == 0 ? random.nextInt(most + 1) : random.nextInt(200);
    StringBuilder text = new StringBuilder();
    String[] letters = {ALPHABET[random.nextInt(7)], ALPHABET[random.nextInt(7)]};
    for (int i = 0; i < characters; i++) {
      text.append(letters[random.nextInt(2)]);
    }
    return text.toString();
  }

  private static List<Integer> ids(Random random, int most) {
    return random.ints(random.nextInt(4) == 0 ? random.nextInt(most) : 10).boxed().toList();
  }

  private static List<String> tools(Random random) {
    return random.ints(random.nextInt(6)).mapToObj(any -> text(random, 20_000)).toList();
  }

  private static CompletedTurn random(Random random) {
    List<ToolCall> calls = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      calls.add(new ToolCall(text(random, 5_000), text(random, 5_000), text(random, 20_000)));
    }
    List<Truncation> notes = new ArrayList<>();
    for (int i = random.nextInt(20); i > 0; i--) {
      notes.add(new Truncation(text(random, 1_000), random.nextLong()));
    }
    String id = Utf8Lengths.cut(text(random, 600), BoundedTurn.LONGEST_ID_BYTES);
    return turn()
        .setConversationId(id)
        .setTenant(text(random, 20_000))
        .setTag(text(random, 20_000))
        .setQuestionType(text(random, 1_000))
        .setFinishReason(text(random, 1_000))
        .setText(text(random, 30_000))
        .setQuestion(random.nextInt(4) == 0 ? null : text(random, 60_000))
        .setInstructions(random.nextInt(4) == 0 ? null : text(random, 60_000))
        .setTools(random.nextInt(4) == 0 ? null : tools(random))
        .setToolCalls(calls)
        .setFailure(
            new ConversationFailed(text(random, 2_000), text(random, 9_000), true, 1L << 60))
        .setModel(new ModelIdentity(text(random, 2_000), text(random, 2_000)))
        .setStyle(new Style(text(random, 2_000), 1.0, null, 2.0, text(random, 2_000), true))
        .setTextIds(ids(random, 5_000))
        .setSpeechIds(ids(random, 9_000))
        .setTruncations(notes)
        .build();
  }

  @Test
  void neverExceedsItsBoundAndSaysWhatIsMissing() throws Exception {
    int shortened = 0;
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      CompletedTurn turn = random(random);
      int bound = BoundedTurn.SMALLEST_BOUND + random.nextInt(60_000);
      CompletedTurn bounded = BoundedTurn.of(turn, bound);
      assertThat(size(bounded)).as("seed %d", seed).isLessThanOrEqualTo(bound);
      assertThat(BoundedTurn.of(turn, bound)).isEqualTo(bounded);
      if (size(turn) <= bound) {
        assertThat(bounded).isEqualTo(turn);
        continue;
      }
      shortened++;
      int earlier = Math.min(8, turn.getTruncations().size());
      Map<String, Long> omitted =
          bounded.getTruncations().stream()
              .skip(earlier)
              .collect(Collectors.toMap(Truncation::getField, Truncation::getOmitted));
      assertText(omitted, "tenant", turn.getTenant(), bounded.getTenant());
      assertText(omitted, "tag", turn.getTag(), bounded.getTag());
      assertText(omitted, "text", turn.getText(), bounded.getText());
      assertText(omitted, "question", turn.getQuestion(), bounded.getQuestion());
      assertText(omitted, "instructions", turn.getInstructions(), bounded.getInstructions());
      assertText(
          omitted,
          "failure.message",
          turn.getFailure().getMessage(),
          bounded.getFailure().getMessage());
      assertList(omitted, "textIds", turn.getTextIds(), bounded.getTextIds());
      assertList(omitted, "speechIds", turn.getSpeechIds(), bounded.getSpeechIds());
      assertList(omitted, "toolCalls", turn.getToolCalls(), bounded.getToolCalls());
      if (turn.getTools() == null) {
        assertThat(bounded.getTools()).isNull();
      } else {
        assertList(omitted, "tools", turn.getTools(), bounded.getTools());
      }
      assertThat(bounded.getConversationId()).isEqualTo(turn.getConversationId());
    }
    assertThat(shortened).isGreaterThan(100);
  }

  private static void assertText(
      Map<String, Long> omitted, String field, String whole, String kept) {
    if (whole == null) {
      assertThat(kept).isNull();
      return;
    }
    assertThat(whole).startsWith(kept);
    long missing =
        whole.getBytes(StandardCharsets.UTF_8).length
            - (long) kept.getBytes(StandardCharsets.UTF_8).length;
    assertThat(omitted.getOrDefault(field, 0L)).as(field).isEqualTo(missing);
    boolean cutInAPair =
        kept.length() < whole.length()
            && !kept.isEmpty()
            && Character.isSurrogatePair(
                kept.charAt(kept.length() - 1), whole.charAt(kept.length()));
    assertThat(cutInAPair).as(field).isFalse();
  }

  private static <E> void assertList(
      Map<String, Long> omitted, String field, List<E> whole, List<E> kept) {
    assertThat(kept).isEqualTo(whole.subList(0, kept.size()));
    assertThat(omitted.getOrDefault(field, 0L)).as(field).isEqualTo(whole.size() - kept.size());
  }

  @Test
  void aLongQuestionLeavesTheAnswerWhole() {
    CompletedTurn turn =
        turn()
            .setText("so it is")
            .setTextIds(List.of(1, 2, 3))
            .setQuestion("語".repeat(1_000_000))
            .build();
    CompletedTurn bounded = BoundedTurn.of(turn, 1 << 18);
    assertThat(bounded.getText()).isEqualTo("so it is");
    assertThat(bounded.getTextIds()).containsExactly(1, 2, 3);
    assertThat(bounded.getQuestion()).hasSizeGreaterThan(80_000);
    assertThat(bounded.getTruncations())
        .containsExactly(
            new Truncation("question", 3L * (1_000_000 - bounded.getQuestion().length())));
  }

  @Test
  void refusesBoundsAndIdsThatCannotBeKept() {
    assertThatThrownBy(() -> BoundedTurn.of(turn().build(), 100))
        .hasMessage("the bound of a completed turn is 100 bytes; expected at least 4096");
    assertThatThrownBy(
            () -> BoundedTurn.of(turn().setConversationId("x".repeat(513)).build(), 10_000))
        .hasMessage("a conversation id has 513 bytes; expected at most 512");
  }
}
