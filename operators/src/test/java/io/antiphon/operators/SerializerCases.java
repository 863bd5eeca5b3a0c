package io.antiphon.operators;

import io.antiphon.operators.calls.CallAnswer;
import io.antiphon.operators.calls.CallInputSerializer;
import io.antiphon.operators.calls.CallState;
import io.antiphon.operators.calls.CallStateSerializer;
import io.antiphon.operators.calls.RuledEvent;
import io.antiphon.operators.dialogue.AnswerState;
import io.antiphon.operators.dialogue.DialogueState;
import io.antiphon.operators.dialogue.DialogueStateSerializer;
import io.antiphon.operators.dialogue.Exchange;
import io.antiphon.operators.dialogue.ExchangeSerializer;
import io.antiphon.operators.dialogue.Overlap;
import io.antiphon.operators.dialogue.OwnContext;
import io.antiphon.operators.dialogue.PlayedAnswer;
import io.antiphon.operators.dialogue.Resumption;
import io.antiphon.operators.dialogue.UserTurn;
import io.antiphon.operators.flink.StageState;
import io.antiphon.operators.flink.StageStateSerializer;
import io.antiphon.operators.input.ConversationInput;
import io.antiphon.operators.input.InputState;
import io.antiphon.operators.input.InputStateSerializer;
import io.antiphon.operators.message.AnswerOutcome;
import io.antiphon.operators.message.AnswerTimes;
import io.antiphon.operators.message.ConversationMessage;
import io.antiphon.operators.message.ConversationMessage.AnswerRequested;
import io.antiphon.operators.message.ConversationMessage.Closed;
import io.antiphon.operators.message.ConversationMessage.FrameGroups;
import io.antiphon.operators.message.ConversationMessage.Frames;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.message.ConversationMessage.Interrupted;
import io.antiphon.operators.message.ConversationMessage.ItemAdded;
import io.antiphon.operators.message.ConversationMessage.ItemRemoved;
import io.antiphon.operators.message.ConversationMessage.KeyPressed;
import io.antiphon.operators.message.ConversationMessage.Notice;
import io.antiphon.operators.message.ConversationMessage.Opened;
import io.antiphon.operators.message.ConversationMessage.Playback;
import io.antiphon.operators.message.ConversationMessage.Quiet;
import io.antiphon.operators.message.ConversationMessage.Samples;
import io.antiphon.operators.message.ConversationMessage.Sequenced;
import io.antiphon.operators.message.ConversationMessage.SettingsChanged;
import io.antiphon.operators.message.ConversationMessage.SpeechStarted;
import io.antiphon.operators.message.ConversationMessage.SpeechStopped;
import io.antiphon.operators.message.ConversationMessage.TextTurn;
import io.antiphon.operators.message.ConversationMessage.ToolAnswer;
import io.antiphon.operators.message.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.message.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.message.ConversationMessage.Window;
import io.antiphon.operators.message.ConversationMessageSerializer;
import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.GroupsSerializer;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundEventSerializer;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.message.InboundRecordSerializer;
import io.antiphon.operators.message.OutputMessage.AnswerCompleted;
import io.antiphon.operators.message.OutputMessage.AnswerInterrupted;
import io.antiphon.operators.message.OutputMessage.AnswerStarted;
import io.antiphon.operators.message.OutputMessage.AnswersClosed;
import io.antiphon.operators.message.OutputMessage.SpeechEnded;
import io.antiphon.operators.message.OutputMessage.SpeechTokens;
import io.antiphon.operators.message.OutputMessage.Text;
import io.antiphon.operators.message.OutputMessageSerializer;
import io.antiphon.operators.message.PastItem;
import io.antiphon.operators.message.RequestedAnswer;
import io.antiphon.operators.message.TurnSettings;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.operators.speech.OutputState;
import io.antiphon.operators.speech.OutputStateSerializer;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.operators.state.VersionedSerializer;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallFigures;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.PreferenceAnswer;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.schemas.QuestionType;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.Usage;
import io.antiphon.serde.Records;
import io.antiphon.serde.TurnRecords;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Values of every serialiser, with nothing at its default. */
final class SerializerCases {
  /** A value as a version wrote it, under the name of its file. */
  record Case<T>(String name, int version, VersionedSerializer<T> serializer, T value) {
    Case(String name, VersionedSerializer<T> serializer, T value) {
      this(name, 1, serializer, value);
    }

    /** Whether today's code writes these bytes. */
    boolean newest() {
      return version == serializer.version();
    }

    @Override
    public String toString() {
      return name + " of version " + version;
    }
  }

  private SerializerCases() {}

  static List<Case<?>> all() throws Exception {
    AudioFormat format = new AudioFormat("pcm16", 24000, 1);
    ConversationSettings settings =
        new ConversationSettings(
            "tenant",
            GenerationMode.SPEECH,
            null,
            List.of("{}"),
            new AudioFormat("opus", 48000, 1),
            format,
            new TurnSettings(TurnSettings.Type.SPEECH, 700, 0.5, 300, true, false, 8000, 0),
            true,
            "Ann",
            new ConversationSettings.Wishes(0.5, null, 1.1, null, 0.9, null, 42L, 100),
            "get");
    TextResponse text = new TextResponse("c", 1, 2L, new TextDelta("grüß", -1L));
    Groups groups = new Groups("c", new float[] {1, -2.5f, 3, 4, 5, 6}, 2);
    RequestedAnswer request =
        new RequestedAnswer(
            "tag",
            true,
            "briefly",
            List.of("{}"),
            GenerationMode.TEXT,
            12,
            "Bert",
            List.of(new PastItem("i", PastItem.Kind.USER, "hello", "")),
            "required");
    Failure failure = new Failure(FailureCodes.SILENT_TURN, "nothing");
    List<ConversationMessage> messages =
        List.of(
            new Opened("c", settings),
            new Samples("c", new float[] {0.5f, -0.5f}),
            new Window("c", new float[] {1, 2}, 1, -1),
            new Frames("c", new float[] {1, 2, 3}, 16000),
            new FrameGroups("c", new float[] {1, 2, 3}, 1),
            groups,
            new UserTurnEnded("c", 1.5, -1, -1, null),
            new UserTurnEnded("c", 1.5, 500, 1700, failure),
            new SpeechStarted("c", 500),
            new SpeechStopped("c", 1500),
            new UserTurnDropped("c"),
            new TextTurn("c", "hello", 2.5),
            new ToolAnswer("c", "call-0-0", "result", 3.5),
            Interrupted.all("c"),
            new Playback("c", 1, 250),
            new Notice("c", failure, true, 7),
            new Closed("c"),
            new SettingsChanged("c", settings),
            new AnswerRequested("c", request, 4.5),
            new ItemAdded("c", new PastItem("i", PastItem.Kind.TOOL_CALL, "{}", "x"), "before"),
            new ItemRemoved("c", "i"),
            new KeyPressed("c", "#"),
            new ConversationMessage.KeyTold("c", "*", 1234),
            new Quiet("c", 1900));
    Map<String, String> calls = new LinkedHashMap<>();
    calls.put("call-0-0", "result");
    calls.put("call-0-1", null);
    AnswerState answer =
        new AnswerState(
            2,
            new UserTurn.InContext(),
            1500,
            new Resumption(1, 1, 1200),
            request,
            1600,
            List.of(
                new GenerationStep(0, 7, new int[] {1, 2}, new int[] {3, 4}),
                new GenerationStep(1, 8, null, null)),
            GenerationEnd.STOP,
            new AnswerTimes(1, 2, 3, 4, -1));
    DialogueState dialogue =
        new DialogueState(
            settings,
            3,
            2,
            List.of(
                new Exchange(new UserTurn.Spoken(new float[] {1, 2, 3}, 1), "answer", 0, ""),
                new Exchange(new UserTurn.Written("question"), null, -1, "i"),
                new Exchange(new UserTurn.ToolResults("ten"), "answer", 2, "")),
            List.of(groups),
            false,
            messages.stream()
                .filter(Sequenced.class::isInstance)
                .map(Sequenced.class::cast)
                .toList(),
            Collections.unmodifiableMap(calls),
            answer,
            new PlayedAnswer(1, "before", 2, 1200, true, answer),
            List.of(new Overlap(1700, true, 1)),
            1,
            600,
            new OwnContext(
                settings,
                List.of(new Exchange(new UserTurn.SystemMessage("be kind"), null, -1, "s"))),
            answer,
            3,
            1900);
    Script script = new Script("c");
    ConversationInput conversation =
        new ConversationInput(
            "c",
            OperatorSettings.defaults(() -> null),
            new FakeAdmission(1),
            LevelDetector.INSTANCE,
            () -> Optional.of(List.of()),
            true,
            123,
            new ConversationInput.Outlet() {
              @Override
              public void message(ConversationMessage.EncoderInput message) {}

              @Override
              public void deadLetter(InboundRecord record, Failure refused) {}

              @Override
              public void judge(float[] turn) {}

              @Override
              public void ignored() {}

              @Override
              public boolean live(InboundRecord record) {
                return true;
              }
            });
    conversation.accept(
        event(script.event(Script.speech(Mode.SPEECH_TO_TEXT, true).build()), 0), 124);
    conversation.accept(event(script.audio(50), 1), 125);
    script.skip(1);
    conversation.accept(event(script.text("early"), 3), 126);
    ByteArrayOutputStream saved = new ByteArrayOutputStream();
    conversation.save(new DataOutputStream(saved));
    return List.of(
        new Case<>(
            "inbound-record",
            new InboundRecordSerializer(),
            new InboundRecord("t", 1, 2, 3, new byte[] {4}, null)),
        new Case<>("inbound-event", new InboundEventSerializer(), event(script.text("x"), 4)),
        new Case<>("conversation", new InputStateSerializer(), new InputState(saved.toByteArray())),
        new Case<>(
            "stage", new StageStateSerializer(), new StageState(new byte[] {1, 2, 3}, messages)),
        new Case<>("dialogue", new DialogueStateSerializer(), dialogue),
        new Case<>("round", new ExchangeSerializer(), dialogue.rounds().get(0)),
        new Case<>("groups", new GroupsSerializer(), groups),
        new Case<>("voice", new OutputStateSerializer(), voice(format)),
        new Case<>("message", new ConversationMessageSerializer(), messages.get(0)),
        new Case<>(
            "answer", new OutputMessageSerializer(), new AnswerStarted("c", 1, format, "Ann")),
        new Case<>(
            "answer-completed",
            new OutputMessageSerializer(),
            new AnswerCompleted("c", outcome("Be brief.", null, "sha256:00ff"))),
        new Case<>(
            "answer-completed-without-instructions",
            new OutputMessageSerializer(),
            new AnswerCompleted("c", outcome(null, null, "sha256:00ff"))),
        new Case<>(
            "answer-completed-with-tools",
            new OutputMessageSerializer(),
            new AnswerCompleted("c", outcome("Be brief.", List.of("{}", "{ }"), "sha256:00ff"))),
        new Case<>(
            "answer-completed-without-tools",
            new OutputMessageSerializer(),
            new AnswerCompleted("c", outcome(null, List.of(), "sha256:00ff"))),
        new Case<>("completed-turn", new AvroSerializers.Completed(), wholly(completed())),
        new Case<>("preference-pair", new AvroSerializers.Pair(), pair()),
        new Case<>("call", new CallStateSerializer(), new CallState(new byte[] {1, 2, 3})),
        new Case<>(
            "ruled-event",
            1,
            new CallInputSerializer(),
            new RuledEvent(event(script.text("x"), 5), "{}")),
        new Case<>(
            "ruled-event",
            2,
            new CallInputSerializer(),
            new RuledEvent(event(script.text("x"), 5), "{}")),
        new Case<>(
            "call-answer",
            2,
            new CallInputSerializer(),
            new CallAnswer("c", 3, "One moment.", 800, Map.of("call-3-0", "order_status"))),
        new Case<>("call-segment", new AvroSerializers.Segment(), segment()),
        new Case<>("call-event", new AvroSerializers.Event(), callEvent()),
        new Case<>("call-summary", new AvroSerializers.Summary(), summary()),
        new Case<>("text-response", new AvroSerializers.Text(), text),
        new Case<>(
            "speech-response",
            new AvroSerializers.Speech(),
            new SpeechResponse("c", 1, 2L, 3L, format, ByteBuffer.wrap(new byte[] {4}), true)),
        new Case<>(
            "dead-letter",
            new AvroSerializers.Dead(),
            new DeadLetter("t", 1, 2L, null, ByteBuffer.wrap(new byte[] {3}), "code", "why")));
  }

  private static CallSegment segment() {
    return CallSegment.newBuilder()
        .setConversationId("c")
        .setTenant("tenant")
        .setSegmentId("1-2")
        .setLast(true)
        .setTime(Instant.ofEpochMilli(7))
        .setBeginMillis(10)
        .setEndMillis(20)
        .setChannel(1)
        .setParticipantId("p")
        .setRole("AGENT")
        .setText("hello")
        .build();
  }

  private static CallEvent callEvent() {
    return CallEvent.newBuilder()
        .setConversationId("c")
        .setTenant("tenant")
        .setEventId("HOLD-1")
        .setRevision(1)
        .setLast(true)
        .setTime(Instant.ofEpochMilli(7))
        .setKind("HOLD")
        .setBeginMillis(10)
        .setEndMillis(20L)
        .build();
  }

  private static CallSummary summary() {
    return CallSummary.newBuilder()
        .setConversationId("c")
        .setTenant("tenant")
        .setTime(Instant.ofEpochMilli(7))
        .setEndReason("ENDED")
        .setFigures(CallFigures.newBuilder().setDurationMillis(20).build())
        .build();
  }

  private static PreferencePair pair() {
    return PreferencePair.newBuilder()
        .setConversationId("c")
        .setTenant("t")
        .setTurn(2)
        .setTime(Instant.ofEpochMilli(7))
        .setSource("RATINGS")
        .setQuestionType("WRITTEN")
        .setQuestion("why")
        .setChosen(new PreferenceAnswer("so", List.of(1), List.of(2, 3), 2))
        .setRejected(new PreferenceAnswer("grüß", List.of(4), List.of(), 1))
        .setComment("better")
        .build();
  }

  private static OutputState voice(AudioFormat format) {
    return new OutputState(
        1,
        format,
        "Ann",
        new byte[] {1},
        new byte[] {2},
        3,
        4,
        true,
        5.5,
        0,
        List.of(
            new AnswerStarted("c", 1, format, "Ann"),
            new SpeechTokens("c", 1, new int[] {1, 2, 3}),
            new SpeechEnded("c", 1),
            new Text("c", new TextResponse("c", 1, 2L, new TextDelta("grüß", -1L))),
            new AnswerCompleted("c", outcome()),
            new AnswerInterrupted("c", 1),
            new AnswersClosed("c")));
  }

  /**
   * As the first version of its format has it: without digest (version 2), instructions (3) and
   * tools (4).
   */
  private static AnswerOutcome outcome() {
    return outcome(null, null, "");
  }

  private static AnswerOutcome outcome(
      String instructions, List<String> tools, String modelDigest) {
    return new AnswerOutcome(
        1,
        3,
        "tenant",
        "tag",
        QuestionType.WRITTEN,
        "why",
        instructions,
        tools,
        List.of(new ToolCall("call-1-0", "x", "{}")),
        new Failure(FailureCodes.CONTEXT_LIMIT, "too long"),
        "grüß",
        FinishReason.STOP,
        1,
        2,
        3,
        4,
        new AnswerTimes(1, 2, 3, 4, -1),
        "nano",
        modelDigest,
        new ConversationSettings.Wishes(0.5, 0.9, 1.1, null, null, null, 7L, 100),
        new int[] {1, 70_000},
        new int[] {5, 6_561});
  }

  private static CompletedTurn.Builder completed() {
    return TurnRecords.setAnswer(
        CompletedTurn.newBuilder()
            .setConversationId("c")
            .setTurn(1)
            .setTime(Instant.EPOCH)
            .setQuestionType(QuestionType.SPOKEN.name()),
        new TurnCompleted(
            "grüß",
            FinishReason.STOP,
            new Usage(1, 2, 3, 4, 0),
            new StageLatencies(1.0, 2.0, 3.0, 4.0, -1.0, -1.0),
            0L));
  }

  private static CompletedTurn wholly(CompletedTurn.Builder completed) {
    return completed
        .setTenant("tenant")
        .setQuestionType(QuestionType.WRITTEN.name())
        .setQuestion("why")
        .setToolCalls(List.of(new ToolCall("call-1-0", "x", "{}")))
        .build();
  }

  private static InboundEvent event(InboundRecord written, long offset) throws Exception {
    InboundRecord record =
        new InboundRecord(
            written.topic(), 0, offset, written.timestamp(), written.key(), written.value());
    return new InboundEvent(record, Records.decodeConversationEvent(record.value()));
  }
}
