package io.antiphon.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * The records behind the stored bytes, one for every body and with no field at its default, by file
 * name. Those of a released version never change; fields that came later keep their defaults there.
 */
final class SampleRecords {
  private static final Instant TIME = Instant.ofEpochMilli(1_700_000_000_123L);

  private SampleRecords() {}

  /** The samples of one released version. */
  static Map<String, SpecificRecordBase> of(int version) {
    return switch (version) {
      case 1 -> versionOne();
      case 2 -> versionTwo();
      case 3 -> versionThree();
      case 4 -> versionFour();
      case 5 -> versionFive();
      case 6 -> versionSix();
      case 7 -> versionSeven();
      default -> throw new IllegalArgumentException("version is " + version + "; expected 1 to 7");
    };
  }

  private static Map<String, SpecificRecordBase> versionOne() {
    Map<String, SpecificRecordBase> samples = new LinkedHashMap<>();
    samples.put("conversation-started", event(0, started()));
    samples.put(
        "conversation-started-by-default", event(0, ConversationStarted.newBuilder().build()));
    samples.put("audio-chunk", event(1, new AudioChunk(bytes("\u0001\u0002\u0003\u007f"), 0, -1L)));
    samples.put("text-message", event(2, new TextMessage("Wie spät ist es? 🕰")));
    samples.put("turn-ended", event(3, new TurnEnded()));
    samples.put("interrupted", event(4, Interrupted.newBuilder().build()));
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
            .setFormat(new AudioFormat("alaw", 8_000, 1))
            .setBytes(bytes("speech"))
            .setLast(true)
            .build());

    samples.put("text-delta", text(0, new TextDelta("It is ", -1L)));
    samples.put("turn-completed", text(1, completed(0)));
    samples.put("tool-call", text(2, new ToolCall("call-1", "weather", "{\"city\": \"Ulm\"}")));
    samples.put("input-transcript", text(3, new InputTranscript("what is the weather in Ulm")));
    samples.put("conversation-refused", text(4, new ConversationRefused("at capacity", 2_000L)));
    samples.put(
        "conversation-failed",
        text(5, new ConversationFailed("idle", "no event for 30 min", true, -1L)));

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

  /**
   * Version 2 wrote a completed turn's question type and answer, enums among them, in fields that
   * are no more; {@code io.antiphon.serde} takes them over.
   */
  private static Map<String, SpecificRecordBase> versionTwo() {
    Map<String, SpecificRecordBase> samples = versionOne();
    samples.put(
        "completed-turn",
        CompletedTurn.newBuilder()
            .setConversationId("c-1")
            .setTenant("kitchen")
            .setTurn(3)
            .setTime(Instant.ofEpochMilli(1_700_000_000_123L))
            .setQuestion("{\"degrees\": 21}")
            .setToolCalls(List.of(new ToolCall("call-3-0", "timer", "{\"minutes\": 5}")))
            .setFailure(new ConversationFailed("malformed-tool-call", "no JSON", false, -1L))
            .build());
    samples.put(
        "completed-turn-by-default",
        CompletedTurn.newBuilder()
            .setConversationId("c-1")
            .setTurn(0)
            .setTime(Instant.EPOCH)
            .build());
    return samples;
  }

  private static Map<String, SpecificRecordBase> versionThree() {
    Map<String, SpecificRecordBase> samples = versionTwo();
    samples.put(
        "conversation-started",
        event(
            0,
            ConversationStarted.newBuilder(started())
                .setInputFormat(new AudioFormat("mulaw", 8_000, 2))
                .setTurnDetection(detection())
                .setParticipants(List.of(new Participant("p-7", "AGENT", 1)))
                .setAttributes(Map.of("queue", "cards"))
                .setStartedAt(TIME)
                .setStyle(style())
                .setToolChoice("weather")
                .setHistory(List.of(item()))
                .build()));
    samples.put("audio-chunk", event(1, new AudioChunk(bytes("\u0001\u007f"), 1, 20L)));
    samples.put("epoch", new ConversationEvent("c-1", 0L, 1L, 3, new TurnEnded()));
    samples.put(
        "answer-requested",
        event(
            8,
            AnswerRequested.newBuilder()
                .setInstructions("Rhyme.")
                .setTools(List.of("{\"name\": \"timer\"}"))
                .setToolChoice("required")
                .setMode(Mode.SPEECH_TO_TEXT)
                .setMaximumNewPositions(12)
                .setStyle(style())
                .setInput(List.of(item()))
                .setTag("resp_1")
                .setOutOfBand(true)
                .build()));
    samples.put("audio-discarded", event(9, new AudioDiscarded()));
    samples.put(
        "settings-changed",
        event(
            10,
            SettingsChanged.newBuilder()
                .setInstructions("Be long.")
                .setTools(List.of())
                .setToolChoice("none")
                .setMode(Mode.TRANSCRIPTION)
                .setStyle(style())
                .setSampling(sampling())
                .setTurnDetection(detection())
                .setTranscribeInput(true)
                .build()));
    samples.put("item-added", event(11, new ItemAdded(item(), "item_u0")));
    samples.put("item-removed", event(12, new ItemRemoved("item_a0")));
    samples.put("key-pressed", event(13, new KeyPressed("#", 1, 400L)));
    samples.put("hold-started", event(14, new HoldStarted(1, 500L)));
    samples.put("hold-ended", event(15, new HoldEnded(1, 600L)));
    samples.put("recording-paused", event(16, new RecordingPaused(700L)));
    samples.put("recording-resumed", event(17, new RecordingResumed(800L)));
    samples.put(
        "participant-changed",
        event(18, new ParticipantChanged(new Participant("p-8", "SUPERVISOR", 1), 900L)));
    samples.put("unknown-event", event(19, new UnknownBody("Sneezed")));

    samples.put("text-delta", text(0, new TextDelta("It is ", 40L)));
    samples.put("turn-completed", text(1, completed(7)));
    samples.put(
        "conversation-failed",
        text(5, new ConversationFailed("idle", "no event for 30 min", true, 19L)));
    samples.put("speech-started", text(6, new SpeechStarted(1, 120L)));
    samples.put("speech-stopped", text(7, new SpeechStopped(1, 920L)));
    samples.put("turn-taken", text(8, new TurnTaken(1, 1_420L)));
    samples.put("answer-started", text(9, new AnswerStarted("resp_1", true)));
    samples.put("transcript-delta", text(10, new TranscriptDelta("what is", 200L)));
    samples.put("key-pressed-echo", text(11, new KeyPressed("5", 1, 400L)));
    samples.put("no-speech", text(12, new NoSpeech(1)));
    samples.put("unknown-response", text(13, new UnknownBody("Laughed")));

    samples.put(
        "completed-turn",
        CompletedTurn.newBuilder((CompletedTurn) samples.get("completed-turn"))
            .setQuestionType(QuestionType.TOOL_RESULTS.name())
            .setFailure(new ConversationFailed("malformed-tool-call", "no JSON", false, 6L))
            .setText("It is twenty past four.")
            .setFinishReason(FinishReason.FAILED.name())
            .setUsage(new Usage(101, 12, 8, 60, 7))
            .setLatencies(latencies())
            .setAudioMillis(2_400L)
            .setTag("resp_1")
            .setModel(model())
            .setSampling(sampling())
            .setStyle(style())
            .setTextIds(List.of(1, 70_000, 3))
            .setSpeechIds(List.of(6_560, 0, 12))
            .setTruncations(List.of(new Truncation("question", 12L)))
            .build());
    calls(samples);
    preferences(samples);
    return samples;
  }

  private static Map<String, SpecificRecordBase> versionFour() {
    Map<String, SpecificRecordBase> samples = versionThree();
    samples.put("interrupted", event(4, new Interrupted(3)));
    samples.put(
        "turn-detection",
        event(
            0,
            ConversationStarted.newBuilder(started())
                .setTurnDetection(
                    TurnDetection.newBuilder(detection()).setUnfinishedSilenceMillis(2_500).build())
                .build()));
    return samples;
  }

  private static Map<String, SpecificRecordBase> versionFive() {
    Map<String, SpecificRecordBase> samples = versionFour();
    samples.put(
        "call-summary",
        CallSummary.newBuilder((CallSummary) samples.get("call-summary"))
            .setSummarySource("MODEL")
            .setSummaryOmittedSegments(7)
            .build());
    return samples;
  }

  private static Map<String, SpecificRecordBase> versionSix() {
    Map<String, SpecificRecordBase> samples = versionFive();
    samples.put(
        "completed-turn",
        CompletedTurn.newBuilder((CompletedTurn) samples.get("completed-turn"))
            .setInstructions("Be brief.")
            .build());
    samples.put(
        "preference-pair",
        PreferencePair.newBuilder((PreferencePair) samples.get("preference-pair"))
            .setInstructions("Be brief.")
            .build());
    return samples;
  }

  private static Map<String, SpecificRecordBase> versionSeven() {
    Map<String, SpecificRecordBase> samples = versionSix();
    List<String> tools = List.of("{\"name\": \"ring\", \"parameters\": {}}");
    samples.put(
        "completed-turn",
        CompletedTurn.newBuilder((CompletedTurn) samples.get("completed-turn"))
            .setTools(tools)
            .build());
    samples.put(
        "preference-pair",
        PreferencePair.newBuilder((PreferencePair) samples.get("preference-pair"))
            .setTools(tools)
            .build());
    return samples;
  }

  private static void calls(Map<String, SpecificRecordBase> samples) {
    samples.put(
        "call-segment",
        CallSegment.newBuilder()
            .setConversationId("c-1")
            .setTenant("kitchen")
            .setSegmentId("1-17")
            .setRevision(2)
            .setLast(true)
            .setTime(TIME)
            .setBeginMillis(12_000L)
            .setEndMillis(14_500L)
            .setChannel(1)
            .setParticipantId("p-7")
            .setRole("AGENT")
            .setText("my card is [CARD_NUMBER]")
            .setWords(List.of(new Word("my", 12_000L, 12_180L, 0.9)))
            .setSentiment(-1.5)
            .setSentimentEvidence(List.of("awful"))
            .setLoudness(List.of(40, 52, 47))
            .setInsights(List.of(new Insight("ISSUE", "card", 3, 7)))
            .setRedactions(List.of(new Redaction("CARD_NUMBER", 11, 24, 12_600L, 14_500L)))
            .setTurn(4)
            .setTruncations(List.of(new Truncation("words", 3L)))
            .build());
    samples.put(
        "call-event",
        CallEvent.newBuilder()
            .setConversationId("c-1")
            .setTenant("kitchen")
            .setEventId("INTERRUPTION-1-3")
            .setRevision(1)
            .setLast(true)
            .setTime(TIME)
            .setKind("INTERRUPTION")
            .setName("talks over")
            .setBeginMillis(12_000L)
            .setEndMillis(12_900L)
            .setChannel(1)
            .setParticipantId("p-7")
            .setRole("AGENT")
            .setDetail("overlaps 900 ms")
            .setSegmentIds(List.of("0-4", "1-17"))
            .setRuleVersion("7")
            .build());
    samples.put(
        "call-metrics",
        CallMetrics.newBuilder()
            .setConversationId("c-1")
            .setTenant("kitchen")
            .setRevision(9L)
            .setTime(TIME)
            .setStartedAt(TIME)
            .setFigures(figures())
            .setCategories(List.of("cancellation"))
            .setOnHold(true)
            .setLastText("one moment")
            .setSentimentTrend(-0.5)
            .setAlerts(List.of("supervisor asked for"))
            .setAttributes(Map.of("queue", "cards"))
            .setEnded(true)
            .build());
    samples.put(
        "call-summary",
        CallSummary.newBuilder()
            .setConversationId("c-1")
            .setTenant("kitchen")
            .setTime(TIME)
            .setStartedAt(TIME)
            .setEndReason("ENDED")
            .setAttributes(Map.of("queue", "cards"))
            .setParticipants(List.of(new Participant("p-7", "AGENT", 1)))
            .setFigures(figures())
            .setInterruptions(List.of(new CallInterval(1L, 2L, 1, "AGENT")))
            .setNonTalk(List.of(new CallInterval(3L, 4L, -1, "")))
            .setHolds(List.of(new CallInterval(5L, 6L, 1, "AGENT")))
            .setSentimentByQuarter(
                List.of(new SentimentQuarter(1, "CUSTOMER", 3, 4_000L, 5_000L, -2.5)))
            .setCategories(
                List.of(
                    new MatchedCategory(
                        "cancellation", List.of(new CallInterval(7L, 8L, 1, "CUSTOMER")))))
            .setInsights(List.of(new Insight("OUTCOME", "card blocked", 0, 12)))
            .setSummary("The card was blocked.")
            .setRedactions(2)
            .setQuality(new InputQuality(1L, 20L, 3L, 4L, 5L))
            .setRuleVersion("7")
            .setModel(model())
            .setTruncations(List.of(new Truncation("insights", 3L)))
            .build());
    samples.put(
        "analytics-rules",
        AnalyticsRules.newBuilder()
            .setRuleSetId("cards")
            .setVersion("7")
            .setTenant("kitchen")
            .setTime(TIME)
            .setRules("{\"categories\": []}")
            .build());
  }

  private static void preferences(Map<String, SpecificRecordBase> samples) {
    samples.put(
        "feedback",
        Feedback.newBuilder()
            .setConversationId("c-1")
            .setTurn(3)
            .setTime(TIME)
            .setRating(-1)
            .setComment("wrong hour")
            .setPreferredText("It is twenty past five.")
            .setAuthor("s-2")
            .build());
    samples.put(
        "preference-pair",
        PreferencePair.newBuilder()
            .setConversationId("c-1")
            .setTenant("kitchen")
            .setTurn(3)
            .setTime(TIME)
            .setSource("PREFERRED_TEXT")
            .setQuestionType(QuestionType.WRITTEN.name())
            .setQuestion("what time is it")
            .setChosen(new PreferenceAnswer("It is five.", List.of(1), List.of(2), 4))
            .setRejected(new PreferenceAnswer("It is four.", List.of(3), List.of(4), 3))
            .setModel(model())
            .setSampling(sampling())
            .setComment("wrong hour")
            .setTruncations(List.of(new Truncation("question", 12L)))
            .build());
  }

  private static CallFigures figures() {
    return CallFigures.newBuilder()
        .setDurationMillis(60_000L)
        .setParticipants(
            List.of(
                ParticipantMetrics.newBuilder()
                    .setParticipantId("p-7")
                    .setRole("AGENT")
                    .setChannel(1)
                    .setTalkMillis(20_000L)
                    .setSegments(6)
                    .setWords(55)
                    .setWordsPerMinute(165.0)
                    .setInterruptions(1)
                    .setInterruptionMillis(900L)
                    .setLoudness(48.5)
                    .setSentiment(1.25)
                    .build()))
        .setTalkMillis(41_000L)
        .setOvertalkMillis(900L)
        .setNonTalkMillis(7_000L)
        .setNonTalkInstances(2)
        .setLongestNonTalkMillis(4_000L)
        .setHoldMillis(3_500L)
        .setHolds(1)
        .setInterruptions(1)
        .setInterruptionMillis(900L)
        .setSentiment(0.5)
        .build();
  }

  private static ModelIdentity model() {
    return new ModelIdentity("nano", "sha256:00ff");
  }

  private static Style style() {
    return new Style("calm", 1.2, 0.9, -3.0, "cheerful", true);
  }

  private static HistoryItem item() {
    return new HistoryItem("i-1", "tool-call", "assistant", "{}", "call-1", "weather");
  }

  private static TurnDetection detection() {
    return TurnDetection.newBuilder()
        .setType("speech")
        .setSilenceMillis(900)
        .setThreshold(0.6)
        .setPrefixMillis(200)
        .setInterruptsAnswer(true)
        .setAnswersTurns(false)
        .setIdleTimeoutMillis(8_000)
        .build();
  }

  private static ConversationStarted started() {
    return ConversationStarted.newBuilder()
        .setTenant("kitchen")
        .setMode(Mode.SPEECH_TO_TEXT)
        .setInstructions("Be brief.")
        .setTools(List.of("{\"name\": \"weather\"}", "{\"name\": \"timer\"}"))
        .setInputFormat(new AudioFormat("mulaw", 8_000, 1))
        .setOutputFormat(new AudioFormat("opus", 24_000, 1))
        .setVoice("calm")
        .setSampling(sampling())
        .setTurnDetection(
            TurnDetection.newBuilder().setType("silence").setSilenceMillis(900).build())
        .setTranscribeInput(true)
        .build();
  }

  private static Sampling sampling() {
    return Sampling.newBuilder()
        .setTextTemperature(0.0)
        .setTextTopP(0.9)
        .setTextRepetitionPenalty(1.1)
        .setSpeechTemperature(0.7)
        .setSpeechTopP(0.8)
        .setSpeechRepetitionPenalty(1.2)
        .setSeed(-5L)
        .setMaximumNewPositions(300)
        .build();
  }

  private static StageLatencies latencies() {
    return new StageLatencies(10.5, 20.25, 31.0, 44.0, 80.5, 2_000.0);
  }

  private static TurnCompleted completed(int cachedPositions) {
    return TurnCompleted.newBuilder()
        .setText("It is twenty past four.")
        .setFinishReason(FinishReason.INTERRUPTED)
        .setUsage(new Usage(101, 12, 8, 60, cachedPositions))
        .setLatencies(latencies())
        .setAudioMillis(2_400L)
        .build();
  }

  private static ConversationEvent event(long sequence, Object body) {
    return new ConversationEvent("c-1", sequence, 1_700_000_000_000L + sequence, 0, body);
  }

  private static TextResponse text(long sequence, Object body) {
    return new TextResponse("c-1", 3, sequence, body);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
