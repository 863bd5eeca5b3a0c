package io.antiphon.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * The records behind the stored bytes, one for every body and with no field at its default, by file
 * name. Those of a released version never change; fields that came later keep their defaults there.
 */
final class SampleRecords {
  private SampleRecords() {}

  /** The samples of one released version. */
  static Map<String, SpecificRecordBase> of(int version) {
    return switch (version) {
      case 1 -> versionOne();
      case 2 -> versionTwo();
      default -> throw new IllegalArgumentException("version is " + version + "; expected 1 or 2");
    };
  }

  private static Map<String, SpecificRecordBase> versionOne() {
    Map<String, SpecificRecordBase> samples = new LinkedHashMap<>();
    samples.put("conversation-started", event(0, started()));
    samples.put(
        "conversation-started-by-default", event(0, ConversationStarted.newBuilder().build()));
    samples.put("audio-chunk", event(1, new AudioChunk(bytes("\u0001\u0002\u0003\u007f"))));
    samples.put("text-message", event(2, new TextMessage("Wie spät ist es? 🕰")));
    samples.put("turn-ended", event(3, new TurnEnded()));
    samples.put("interrupted", event(4, new Interrupted()));
    samples.put("playback-acknowledged", event(5, new PlaybackAcknowledged(2, 1_480L)));
    samples.put("tool-result", event(6, new ToolResult("call-1", "{\"degrees\": 21}")));
    samples.put("conversation-ended", event(7, new ConversationEnded()));

    samples.put(
        "speech-response",
        SpeechResponse.newBuilder()
            .setConversationId("c-1")
            .setTurn(3)
            .setSequence(1L << 40)
            .setOffsetMillis(12_340)
            .setFormat(new AudioFormat("alaw", 8_000))
            .setBytes(bytes("speech"))
            .setLast(true)
            .build());

    samples.put("text-delta", text(0, new TextDelta("It is ")));
    samples.put("turn-completed", text(1, completed()));
    samples.put("tool-call", text(2, new ToolCall("call-1", "weather", "{\"city\": \"Ulm\"}")));
    samples.put("input-transcript", text(3, new InputTranscript("what is the weather in Ulm")));
    samples.put("conversation-refused", text(4, new ConversationRefused("at capacity", 2_000L)));
    samples.put(
        "conversation-failed",
        text(5, new ConversationFailed("idle", "no event for 30 min", true)));

    samples.put(
        "dead-letter",
        DeadLetter.newBuilder()
            .setTopic("audio-chunks")
            .setPartition(7)
            .setOffset(123_456_789_012L)
            .setKey(bytes("c-1"))
            .setValue(bytes("no record"))
            .setCode("undecodable")
            .setMessage("the value is no record")
            .build());
    samples.put(
        "dead-letter-without-key-and-value",
        DeadLetter.newBuilder()
            .setTopic("audio-chunks")
            .setPartition(0)
            .setOffset(0L)
            .setCode("missing-key")
            .setMessage("the record has no key")
            .build());
    return samples;
  }

  private static Map<String, SpecificRecordBase> versionTwo() {
    Map<String, SpecificRecordBase> samples = versionOne();
    samples.put(
        "completed-turn",
        CompletedTurn.newBuilder()
            .setConversationId("c-1")
            .setTenant("kitchen")
            .setTurn(3)
            .setTime(1_700_000_000_123L)
            .setQuestionKind(QuestionKind.TOOL_RESULTS)
            .setQuestion("{\"degrees\": 21}")
            .setToolCalls(List.of(new ToolCall("call-3-0", "timer", "{\"minutes\": 5}")))
            .setFailure(new ConversationFailed("malformed-tool-call", "no JSON", false))
            .setAnswer(completed())
            .build());
    samples.put(
        "completed-turn-by-default",
        CompletedTurn.newBuilder()
            .setConversationId("c-1")
            .setTurn(0)
            .setTime(0)
            .setQuestionKind(QuestionKind.SPOKEN)
            .setAnswer(completed())
            .build());
    return samples;
  }

  private static ConversationStarted started() {
    return ConversationStarted.newBuilder()
        .setTenant("kitchen")
        .setMode(Mode.SPEECH_TO_TEXT)
        .setInstructions("Be brief.")
        .setTools(List.of("{\"name\": \"weather\"}", "{\"name\": \"timer\"}"))
        .setInputFormat(new AudioFormat("mulaw", 8_000))
        .setOutputFormat(new AudioFormat("opus", 24_000))
        .setVoice("calm")
        .setSampling(
            Sampling.newBuilder()
                .setTextTemperature(0.0)
                .setTextTopP(0.9)
                .setTextRepetitionPenalty(1.1)
                .setSpeechTemperature(0.7)
                .setSpeechTopP(0.8)
                .setSpeechRepetitionPenalty(1.2)
                .setSeed(-5L)
                .setMaximumNewPositions(300)
                .build())
        .setTurnDetection(new TurnDetection("silence", 900))
        .setTranscribeInput(true)
        .build();
  }

  private static TurnCompleted completed() {
    return TurnCompleted.newBuilder()
        .setText("It is twenty past four.")
        .setFinishReason(FinishReason.INTERRUPTED)
        .setUsage(new Usage(101, 12, 8, 60))
        .setLatencies(new StageLatencies(10.5, 20.25, 31.0, 44.0, 80.5, 2_000.0))
        .setAudioMillis(2_400L)
        .build();
  }

  private static ConversationEvent event(long sequence, Object body) {
    return new ConversationEvent("c-1", sequence, 1_700_000_000_000L + sequence, body);
  }

  private static TextResponse text(long sequence, Object body) {
    return new TextResponse("c-1", 3, sequence, body);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
