package io.antiphon.operators.feedback;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.Feedback;
import io.antiphon.schemas.PreferenceAnswer;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.schemas.Truncation;
import io.antiphon.serde.Records;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Makes preference pairs. */
final class PreferencePairs {
  /** Half of what brokers and consumers take by default. */
  static final int MAXIMUM_BYTES = Records.DEFAULT_MAXIMUM_BYTES / 2;

  /** Values of the field {@code source}. */
  static final String PREFERRED_TEXT = "PREFERRED_TEXT";

  static final String RATINGS = "RATINGS";

  private PreferencePairs() {}

  /** What somebody wrote against the answer; none where it says the same. */
  static Optional<PreferencePair> written(CompletedTurn turn, Feedback feedback) {
    String preferred = feedback.getPreferredText();
    if (preferred == null
        || (preferred.strip().equals(turn.getText().strip()) && turn.getToolCalls().isEmpty())) {
      return Optional.empty();
    }
    PreferenceAnswer chosen = PreferenceAnswer.newBuilder().setText(preferred.strip()).build();
    return Optional.of(pair(turn, feedback, PREFERRED_TEXT, chosen, answer(turn)));
  }

  /**
   * The answer that was rated against another one to the same question, rated the other way; none
   * where there is no such question, where both were given under different instructions or with
   * different tools, or where both say and call the same.
   */
  static Optional<PreferencePair> rated(
      CompletedTurn turn, Feedback feedback, CompletedTurn other, int otherRating) {
    if (feedback.getRating() * otherRating >= 0
        || turn.getTurn() == other.getTurn()
        || turn.getQuestion() == null
        || other.getQuestion() == null
        || !turn.getQuestionType().equals(other.getQuestionType())
        || !turn.getQuestion().strip().equals(other.getQuestion().strip())
        || !Objects.equals(turn.getInstructions(), other.getInstructions())
        || !Objects.equals(turn.getTools(), other.getTools())
        || (turn.getText().strip().equals(other.getText().strip())
            && calls(turn).equals(calls(other)))) {
      return Optional.empty();
    }
    boolean better = feedback.getRating() > 0;
    return Optional.of(
        pair(
            turn, feedback, RATINGS, answer(better ? turn : other), answer(better ? other : turn)));
  }

  /** What an answer calls, without the ids of the calls, which no two answers share. */
  private static List<List<String>> calls(CompletedTurn turn) {
    return turn.getToolCalls().stream()
        .map(call -> List.of(call.getName(), call.getArguments()))
        .toList();
  }

  private static PreferenceAnswer answer(CompletedTurn turn) {
    return new PreferenceAnswer(
        turn.getText(), turn.getTextIds(), turn.getSpeechIds(), turn.getTurn());
  }

  private static PreferencePair pair(
      CompletedTurn turn,
      Feedback feedback,
      String source,
      PreferenceAnswer chosen,
      PreferenceAnswer rejected) {
    return bounded(
        PreferencePair.newBuilder()
            .setConversationId(turn.getConversationId())
            .setTenant(turn.getTenant())
            .setTurn(turn.getTurn())
            .setTime(feedback.getTime())
            .setSource(source)
            .setQuestionType(turn.getQuestionType())
            .setQuestion(turn.getQuestion())
            .setInstructions(turn.getInstructions())
            .setTools(turn.getTools())
            .setChosen(chosen)
            .setRejected(rejected)
            .setModel(turn.getModel())
            .setSampling(turn.getSampling())
            .setComment(feedback.getComment())
            .setTruncations(new ArrayList<>(turn.getTruncations()))
            .build());
  }

  /**
   * The pair without what makes it too large for a broker: the ids as drawn first, which the texts
   * can be made of again, then the comment. Turns are bounded, so that the rest fits.
   */
  private static PreferencePair bounded(PreferencePair pair) {
    if (size(pair) <= MAXIMUM_BYTES) {
      return pair;
    }
    List<Truncation> omitted = new ArrayList<>(pair.getTruncations());
    PreferencePair.Builder shorter =
        PreferencePair.newBuilder(pair)
            .setChosen(withoutIds(pair.getChosen(), "chosen", omitted))
            .setRejected(withoutIds(pair.getRejected(), "rejected", omitted));
    if (size(shorter.setTruncations(omitted).build()) > MAXIMUM_BYTES
        && !pair.getComment().isEmpty()) {
      long bytes = pair.getComment().getBytes(StandardCharsets.UTF_8).length;
      omitted.add(new Truncation("comment", bytes));
      shorter.setComment("").setTruncations(omitted);
    }
    return shorter.build();
  }

  private static PreferenceAnswer withoutIds(
      PreferenceAnswer answer, String name, List<Truncation> omitted) {
    note(name + ".textIds", answer.getTextIds(), omitted);
    note(name + ".speechIds", answer.getSpeechIds(), omitted);
    return new PreferenceAnswer(answer.getText(), List.of(), List.of(), answer.getTurn());
  }

  private static void note(String field, List<Integer> ids, List<Truncation> omitted) {
    if (!ids.isEmpty()) {
      omitted.add(new Truncation(field, (long) ids.size()));
    }
  }

  private static int size(PreferencePair pair) {
    return Records.encode(pair, Integer.MAX_VALUE).length;
  }
}
