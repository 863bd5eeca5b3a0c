package io.antiphon.operators;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.TurnCompleted;
import java.util.ArrayList;
import java.util.List;

/** What came out of a {@link Chain}, in order. */
class Responses {
  final List<SpeechResponse> speech = new ArrayList<>();
  final List<TextResponse> text = new ArrayList<>();
  final List<CompletedTurn> completedTurns = new ArrayList<>();
  final List<DeadLetter> deadLetters = new ArrayList<>();

  /** Bodies of a type, in order. */
  <T> List<T> bodies(Class<T> type) {
    return text.stream()
        .map(TextResponse::getBody)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  /** Codes told to the caller, in order. */
  List<String> failures() {
    return bodies(ConversationFailed.class).stream().map(ConversationFailed::getCode).toList();
  }

  List<String> deadLetterCodes() {
    return deadLetters.stream().map(DeadLetter::getCode).toList();
  }

  /** Texts of the completed turns, in order. */
  List<String> answers() {
    return bodies(TurnCompleted.class).stream().map(TurnCompleted::getText).toList();
  }

  String deltas() {
    StringBuilder all = new StringBuilder();
    bodies(TextDelta.class).forEach(delta -> all.append(delta.getText()));
    return all.toString();
  }
}
