package io.antiphon.gateway.conversation;

import io.antiphon.gateway.conversation.HistoryItem.FunctionCall;
import io.antiphon.gateway.conversation.HistoryItem.FunctionCallOutput;
import io.antiphon.gateway.conversation.HistoryItem.Message;
import io.antiphon.schemas.AnswerRequested;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.Sampling;
import io.antiphon.schemas.SettingsChanged;
import io.antiphon.schemas.Style;
import io.antiphon.schemas.TurnDetection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** From the port's types to the records on the topics, as far as the dataflow serves them. */
final class RecordWriter {
  private static final int SHORTEST_SILENCE = 100;
  private static final int LONGEST_SILENCE = 10_000;
  private static final int LONGEST_PREFIX = 5_000;
  private static final int SHORTEST_IDLE = 1_000;
  private static final int LONGEST_IDLE = 600_000;

  /** The dataflow takes thresholds between 0 and 1, without both. */
  private static final double LEAST_THRESHOLD = 0.01;

  private final DataflowFeatures features;

  RecordWriter(DataflowFeatures features) {
    this.features = features;
  }

  ConversationStarted start(ConversationRequest settings) {
    return ConversationStarted.newBuilder()
        .setTenant(settings.tenant())
        .setMode(settings.mode())
        .setInstructions(settings.instructions())
        .setTools(settings.tools())
        .setInputFormat(settings.inputFormat())
        .setOutputFormat(settings.outputFormat())
        .setVoice(settings.voice())
        .setSampling(sampling(settings))
        .setTurnDetection(turnDetection(settings))
        .setTranscribeInput(settings.transcribe())
        .setAttributes(settings.attributes())
        .setToolChoice(features.answerRequests() ? settings.toolChoice() : "auto")
        .setHistory(features.history() ? items(settings.history()) : List.of())
        .build();
  }

  SettingsChanged change(ConversationRequest settings) {
    return SettingsChanged.newBuilder()
        .setInstructions(settings.instructions() == null ? "" : settings.instructions())
        .setTools(settings.tools())
        .setToolChoice(settings.toolChoice())
        .setMode(settings.mode())
        .setStyle(Style.newBuilder().setVoice(settings.voice()).build())
        .setSampling(sampling(settings))
        .setTurnDetection(turnDetection(settings))
        .setTranscribeInput(settings.transcribe())
        .build();
  }

  AnswerRequested request(AnswerRequest request) {
    return AnswerRequested.newBuilder()
        .setInstructions(request.instructions().orElse(null))
        .setTools(request.tools().orElse(null))
        .setToolChoice(request.toolChoice().orElse(null))
        .setMode(
            request
                .speaks()
                .map(speaks -> speaks ? Mode.SPEECH_TO_SPEECH : Mode.SPEECH_TO_TEXT)
                .orElse(null))
        .setMaximumNewPositions(request.maximumNewPositions().orElse(null))
        .setInput(request.input().isEmpty() ? null : items(request.input()))
        .setTag(request.tag())
        .setOutOfBand(request.outOfBand())
        .build();
  }

  io.antiphon.schemas.HistoryItem item(HistoryItem item) {
    io.antiphon.schemas.HistoryItem.Builder record =
        io.antiphon.schemas.HistoryItem.newBuilder().setItemId(item.id());
    if (item instanceof Message message) {
      record
          .setKind("message")
          .setRole(message.role().name().toLowerCase(Locale.ROOT))
          .setText(message.text());
    } else if (item instanceof FunctionCall call) {
      record
          .setKind("tool-call")
          .setCallId(call.callId())
          .setName(call.name())
          .setText(call.arguments());
    } else if (item instanceof FunctionCallOutput output) {
      record.setKind("tool-result").setCallId(output.callId()).setText(output.output());
    }
    return record.build();
  }

  private List<io.antiphon.schemas.HistoryItem> items(List<HistoryItem> items) {
    return items.stream().map(this::item).toList();
  }

  private static @Nullable Sampling sampling(ConversationRequest settings) {
    if (settings.maximumNewPositions() == null && settings.temperature() == null) {
      return null;
    }
    return Sampling.newBuilder()
        .setMaximumNewPositions(settings.maximumNewPositions())
        .setTextTemperature(settings.temperature())
        .build();
  }

  private TurnDetection turnDetection(ConversationRequest settings) {
    TurnTaking taking = settings.turnTaking();
    boolean manual = taking.type() == TurnTaking.Type.MANUAL;
    TurnDetection.Builder detection =
        TurnDetection.newBuilder()
            .setType(manual ? "manual" : features.speechDetection() ? "speech" : "silence")
            .setSilenceMillis(
                Math.max(SHORTEST_SILENCE, Math.min(LONGEST_SILENCE, taking.silenceMillis())));
    if (features.speechDetection() && !manual) {
      detection
          .setThreshold(
              Math.max(LEAST_THRESHOLD, Math.min(1 - LEAST_THRESHOLD, taking.threshold())))
          .setPrefixMillis(Math.min(LONGEST_PREFIX, taking.prefixMillis()))
          .setInterruptsAnswer(taking.interruptsAnswer());
      if (taking.type() == TurnTaking.Type.MODEL) {
        detection.setUnfinishedSilenceMillis(taking.unfinishedSilenceMillis());
      }
      if (features.answerRequests() && taking.idleTimeoutMillis() > 0) {
        detection.setIdleTimeoutMillis(
            Math.max(SHORTEST_IDLE, Math.min(LONGEST_IDLE, taking.idleTimeoutMillis())));
      }
    }
    if (features.answerRequests()) {
      // What is transcribed only is answered, so to say, by its transcript.
      detection.setAnswersTurns(taking.answersTurns() || settings.mode() == Mode.TRANSCRIPTION);
    }
    return detection.build();
  }
}
