package io.antiphon.cli;

import io.antiphon.client.Answer;
import io.antiphon.schemas.StageLatencies;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The latency of every stage of an answer, in milliseconds from the end of the caller's turn. */
final class StageTable {
  private StageTable() {}

  /** By stage in the order of the dataflow; stages that did not happen are absent. */
  static Map<String, Double> dataflow(StageLatencies latencies) {
    Map<String, Double> stages = new LinkedHashMap<>();
    put(stages, "question encoded", latencies.getEncoded());
    put(stages, "prompt prefilled", latencies.getPrefilled());
    put(stages, "first text", latencies.getFirstText());
    put(stages, "first speech tokens", latencies.getFirstSpeechTokens());
    put(stages, "first audio", latencies.getFirstAudio());
    put(stages, "answer complete", latencies.getCompleted());
    return stages;
  }

  /** As the caller measured them, Kafka included. */
  static Map<String, Double> caller(Answer.AtCaller latencies) {
    Map<String, Double> stages = new LinkedHashMap<>();
    put(stages, "first text", latencies.firstText());
    put(stages, "first audio", latencies.firstAudio());
    put(stages, "answer complete", latencies.completed());
    return stages;
  }

  /** One line per stage. */
  static String print(Answer answer) {
    StringBuilder text = new StringBuilder();
    dataflow(answer.latencies())
        .forEach((stage, millis) -> line(text, "in the dataflow", stage, millis));
    caller(answer.atCaller())
        .forEach((stage, millis) -> line(text, "at the caller", stage, millis));
    return text.toString();
  }

  private static void put(Map<String, Double> stages, String stage, double millis) {
    if (millis >= 0) {
      stages.put(stage, millis);
    }
  }

  private static void line(StringBuilder text, String where, String stage, double millis) {
    text.append(String.format(Locale.ROOT, "  %-16s %-20s %9.1f ms%n", where, stage, millis));
  }
}
