package io.antiphon.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.client.Answer;
import io.antiphon.schemas.ToolCall;
import java.util.List;

/** Answers as JSON for machines. */
final class AnswerJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AnswerJson() {}

  static void answer(ObjectNode object, Answer answer) {
    object.put("turn", answer.turn());
    object.put("text", answer.text());
    object.put("finishReason", answer.finishReason().name());
    toolCalls(object.putArray("toolCalls"), List.of(answer));
    object.put("transcript", answer.transcript().orElse(null));
    ObjectNode usage = object.putObject("usage");
    usage.put("promptPositions", answer.usage().getPromptPositions());
    usage.put("audioGroups", answer.usage().getAudioGroups());
    usage.put("textTokens", answer.usage().getTextTokens());
    usage.put("speechTokens", answer.usage().getSpeechTokens());
    ObjectNode latencies = object.putObject("latencies");
    StageTable.dataflow(answer.latencies()).forEach(latencies::put);
    ObjectNode atCaller = object.putObject("atCaller");
    StageTable.caller(answer.atCaller()).forEach(atCaller::put);
  }

  static void toolCalls(ArrayNode array, List<Answer> answers) {
    for (Answer answer : answers) {
      for (ToolCall call : answer.toolCalls()) {
        ObjectNode object = array.addObject();
        object.put("callId", call.getCallId());
        object.put("name", call.getName());
        arguments(object, call);
      }
    }
  }

  /** The arguments as an object; text that is no JSON stays text. */
  private static void arguments(ObjectNode object, ToolCall call) {
    try {
      object.set("arguments", JSON.readTree(call.getArguments()));
    } catch (JsonProcessingException e) {
      object.put("arguments", call.getArguments());
    }
  }
}
