package io.antiphon.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.client.Answer;
import io.antiphon.schemas.Mode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One line of an evaluation's results.
 *
 * @param json the line
 * @param firstAudioMillis from the end of the caller's first turn with a spoken answer, at the
 *     caller; -1 without speech
 */
record EvaluationResult(String json, boolean answered, double firstAudioMillis) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param turns the answers of each turn of the caller
   */
  static EvaluationResult answered(
      EvaluationItem item, List<List<Answer>> turns, Optional<Path> speech) {
    List<Answer> answers = turns.stream().flatMap(List::stream).toList();
    Answer last = answers.get(answers.size() - 1);
    double firstAudio =
        answers.stream()
            .mapToDouble(a -> a.atCaller().firstAudio())
            .filter(m -> m >= 0)
            .findFirst()
            .orElse(-1);
    ObjectNode object = JSON.createObjectNode();
    object.put("id", item.id());
    object.put("text", last.text());
    object.put("transcript", transcript(item, answers).orElse(null));
    AnswerJson.toolCalls(object.putArray("toolCalls"), answers);
    object.put("speech", speech.map(Path::toString).orElse(null));
    object.put("firstAudioMillis", firstAudio);
    object.put("finishReason", last.finishReason().name());
    ArrayNode array = object.putArray("answers");
    for (int turn = 0; turn < turns.size(); turn++) {
      for (Answer answer : turns.get(turn)) {
        ObjectNode entry = array.addObject();
        entry.put("callerTurn", turn);
        // Where each answer lies in the joined speech.
        entry.put("speechSamples", answer.speech().length);
        AnswerJson.answer(entry, answer);
      }
    }
    Optional<String> result = item.results().get(turns.size() - 1);
    boolean complete = last.complete() || last.callsTool() && result.isEmpty();
    return new EvaluationResult(write(object), complete, firstAudio);
  }

  static EvaluationResult failure(EvaluationItem item, String code, String message) {
    ObjectNode object = JSON.createObjectNode();
    object.put("id", item.id());
    // The keys of every line, so that readers need no second form.
    object.putNull("text");
    object.putNull("transcript");
    object.putArray("toolCalls");
    object.putNull("speech");
    object.putNull("firstAudioMillis");
    object.putObject("error").put("code", code).put("message", message);
    return new EvaluationResult(write(object), false, -1);
  }

  /** Of the caller's last turn. */
  private static Optional<String> transcript(EvaluationItem item, List<Answer> answers) {
    if (item.mode() == Mode.TRANSCRIPTION) {
      return Optional.of(answers.get(answers.size() - 1).text());
    }
    return answers.stream().flatMap(a -> a.transcript().stream()).reduce((first, second) -> second);
  }

  private static String write(ObjectNode object) {
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
