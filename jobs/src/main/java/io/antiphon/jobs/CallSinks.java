package io.antiphon.jobs;

import io.antiphon.jobs.configuration.CallOutputTopics;
import io.antiphon.jobs.configuration.KafkaConfiguration;
import io.antiphon.operators.calls.CallDataflow;

/** What is told of calls, on its topics: summaries exactly once, all else at least once. */
final class CallSinks {
  private CallSinks() {}

  static void write(
      CallDataflow.Outputs outputs, KafkaConfiguration kafka, CallOutputTopics topics) {
    AgentDataflow.live(outputs.segments(), kafka, topics.callSegments(), ResponseSchema::segmentKey)
        .uid("call-segments");
    topics
        .callSegmentsOriginal()
        .ifPresent(
            topic ->
                AgentDataflow.live(outputs.originals(), kafka, topic, ResponseSchema::segmentKey)
                    .uid("call-segments-original"));
    AgentDataflow.live(outputs.events(), kafka, topics.callEvents(), ResponseSchema::eventKey)
        .uid("call-events");
    AgentDataflow.live(outputs.metrics(), kafka, topics.callMetrics(), ResponseSchema::metricsKey)
        .uid("call-metrics");
    AgentDataflow.exactlyOnce(
            outputs.summaries(),
            kafka,
            topics.callSummaries(),
            ResponseSchema::summaryKey,
            "call-summaries-chain")
        .uid("call-summaries");
    AgentDataflow.live(
            outputs.deadLetters(), kafka, topics.deadLetters(), ResponseSchema::deadLetterKey)
        .uid("dead-letters");
  }
}
