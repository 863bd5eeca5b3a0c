package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.operators.AnswerLog.Times;
import io.antiphon.operators.AnswerMessage.AnswerCompleted;
import io.antiphon.operators.AnswerMessage.AnswerInterrupted;
import io.antiphon.operators.AnswerMessage.AnswerStarted;
import io.antiphon.operators.AnswerMessage.AnswersClosed;
import io.antiphon.operators.AnswerMessage.SpeechEnded;
import io.antiphon.operators.AnswerMessage.SpeechTokens;
import io.antiphon.operators.AnswerMessage.Text;
import io.antiphon.operators.ConversationMessage.Closed;
import io.antiphon.operators.ConversationMessage.FrameGroups;
import io.antiphon.operators.ConversationMessage.Frames;
import io.antiphon.operators.ConversationMessage.Groups;
import io.antiphon.operators.ConversationMessage.Interrupted;
import io.antiphon.operators.ConversationMessage.Notice;
import io.antiphon.operators.ConversationMessage.Opened;
import io.antiphon.operators.ConversationMessage.Playback;
import io.antiphon.operators.ConversationMessage.Samples;
import io.antiphon.operators.ConversationMessage.TextTurn;
import io.antiphon.operators.ConversationMessage.ToolAnswer;
import io.antiphon.operators.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.ConversationMessage.Window;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.Mode;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.Records;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes written by version 1 are read for ever. Each file of {@code serializers-v1} holds the
 * serialiser's snapshot and one value, written by version 1; a new version adds files, and never
 * changes these.
 */
class SerializersTest {
  private static final Path WRITE =
      System.getProperty("antiphon.write-serializers") == null
          ? null
          : Path.of(System.getProperty("antiphon.write-serializers"));

  /** A value under the name of its file. */
  record Case<T>(String name, VersionedSerializer<T> serializer, T value) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case<?>> cases() throws Exception {
    AudioFormat format = new AudioFormat("pcm16", 24000);
    ConversationSettings settings =
        new ConversationSettings(
            "tenant",
            Mode.SPEECH,
            null,
            List.of("{}"),
            new AudioFormat("opus", 48000),
            format,
            700,
            true,
            new ConversationSettings.Wishes(0.5, null, 1.1, null, 0.9, null, 42L, 100));
    TextResponse text = new TextResponse("c", 1, 2L, new TextDelta("grüß"));
    Groups groups = new Groups("c", new float[] {1, -2.5f, 3, 4, 5, 6}, 2);
    Failure failure = new Failure(FailureCodes.SILENT_TURN, "nothing");
    List<ConversationMessage> messages =
        List.of(
            new Opened("c", settings),
            new Samples("c", new float[] {0.5f, -0.5f}),
            new Window("c", new float[] {1, 2}, 1, -1),
            new Frames("c", new float[] {1, 2, 3}, 16000),
            new FrameGroups("c", new float[] {1, 2, 3}, 1),
            groups,
            new UserTurnEnded("c", 1.5, null),
            new UserTurnEnded("c", 1.5, failure),
            new UserTurnDropped("c"),
            new TextTurn("c", "hello", 2.5),
            new ToolAnswer("c", "call-0-0", "result", 3.5),
            new Interrupted("c"),
            new Playback("c", 1, 250),
            new Notice("c", failure, true),
            new Closed("c"));
    List<AnswerMessage> answers =
        List.of(
            new AnswerStarted("c", 1, format),
            new SpeechTokens("c", 1, new int[] {1, 2, 3}),
            new SpeechEnded("c", 1),
            new Text("c", text),
            new AnswerCompleted("c", 1, text, 4.5),
            new AnswerInterrupted("c", 1),
            new AnswersClosed("c"));
    Map<String, String> calls = new LinkedHashMap<>();
    calls.put("call-0-0", "result");
    calls.put("call-0-1", null);
    DialogueLog dialogue =
        new DialogueLog(
            settings,
            3,
            2,
            List.of(
                new Round(new Question.Spoken(new float[] {1, 2, 3}, 1), "answer"),
                new Round(new Question.Written("question"), "answer"),
                new Round(new Question.ToolResults("ten"), "answer")),
            List.of(groups),
            false,
            messages,
            Collections.unmodifiableMap(calls),
            new AnswerLog(
                2,
                null,
                List.of(
                    new GenerationStep(0, 7, new int[] {1, 2}, new int[] {3, 4}),
                    new GenerationStep(1, 8, null, null)),
                GenerationEnd.STOP,
                new Times(1, 2, 3, 4, -1)),
            new LastAnswer(1, "before", 1200, true),
            1,
            600);
    Script script = new Script("c");
    Conversation conversation =
        new Conversation(
            "c",
            OperatorSettings.defaults(() -> null),
            new FakeAdmission(1),
            123,
            new Conversation.Outlet() {
              @Override
              public void message(ConversationMessage message) {}

              @Override
              public void deadLetter(InboundRecord record, Failure refused) {}

              @Override
              public void ignored() {}
            });
    conversation.accept(event(script.event(Script.silence(500).build()), 0), 124);
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
        new Case<>(
            "conversation",
            new ConversationLogSerializer(),
            new ConversationLog(1, saved.toByteArray())),
        new Case<>("stage", new StageLogSerializer(), new StageLog(new byte[] {1, 2, 3}, messages)),
        new Case<>("dialogue", new DialogueLogSerializer(), dialogue),
        new Case<>(
            "voice",
            new VoiceLogSerializer(),
            new VoiceLog(1, format, new byte[] {1}, new byte[] {2}, 3, 4, true, 5.5, 0, answers)),
        new Case<>("message", new ConversationMessageSerializer(), messages.get(0)),
        new Case<>("answer", new AnswerMessageSerializer(), answers.get(0)),
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

  private static InboundEvent event(InboundRecord written, long offset) throws Exception {
    InboundRecord record =
        new InboundRecord(
            written.topic(), 0, offset, written.timestamp(), written.key(), written.value());
    return new InboundEvent(record, Records.decodeConversationEvent(record.value()));
  }

  private static <T> byte[] bytes(VersionedSerializer<T> serializer, T value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputViewStreamWrapper out = new DataOutputViewStreamWrapper(bytes);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    serializer.serialize(value, out);
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @MethodSource("cases")
  <T> void versionOneIsRead(Case<T> each) throws Exception {
    if (WRITE != null) {
      Files.write(WRITE.resolve(each.name() + ".bin"), bytes(each.serializer(), each.value()));
    }
    byte[] stored;
    try (InputStream file =
        SerializersTest.class.getResourceAsStream("/serializers-v1/" + each.name() + ".bin")) {
      assertThat(file).as("the stored bytes").isNotNull();
      stored = file.readAllBytes();
    }
    DataInputViewStreamWrapper in =
        new DataInputViewStreamWrapper(new ByteArrayInputStream(stored));
    TypeSerializerSnapshot<T> snapshot =
        TypeSerializerSnapshot.readVersionedSnapshot(in, getClass().getClassLoader());
    TypeSerializerSchemaCompatibility<T> compatibility =
        each.serializer().snapshotConfiguration().resolveSchemaCompatibility(snapshot);
    assertThat(compatibility.isCompatibleAsIs()).isTrue();
    T read = each.serializer().deserialize(in);
    assertThat(in.available()).isZero();
    // Arrays in records compare by identity: the same value is the one that gives the same bytes.
    assertThat(bytes(each.serializer(), read)).isEqualTo(bytes(each.serializer(), each.value()));
    assertThat(snapshot.restoreSerializer()).isEqualTo(each.serializer());
  }

  @ParameterizedTest
  @MethodSource("cases")
  <T> void otherVersionsAreRefused(Case<T> each) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    each.serializer().serialize(each.value(), new DataOutputViewStreamWrapper(bytes));
    byte[] newer = bytes.toByteArray();
    newer[0] = (byte) (each.serializer().version() + 1);
    assertThatThrownBy(
            () ->
                each.serializer()
                    .deserialize(
                        new DataInputViewStreamWrapper(
                            new DataInputStream(new ByteArrayInputStream(newer)))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version " + newer[0]);
  }
}
