package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.operators.SerializerCases.Case;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.state.IncompatibleStateException;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.VersionedSerializer;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import java.io.DataInput;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every record that stands inside state can get one more field: what was written before is read
 * with the field's default, what is written with it is read back, and a release without it refuses
 * by name. The field is added here to one record after the other by replacing the functions of its
 * format, as a later release would.
 */
@Tag("slow")
class NestedVersionsTest {
  private static final int FIELD = 0x5eed;
  private static final List<String> OPAQUE =
      List.of(
          "conversation input",
          "event order",
          "caller audio",
          "speech evidence",
          "level turn detector",
          "speech turn detector");

  /** What the operator of calls writes into bytes of its own. */
  private static final List<String> CALLS =
      List.of("call", "call opening", "call stream", "spoken answers");

  @TempDir static Path directory;
  private static Bundle bundle;
  private static List<Nested> formats;

  /** A record's format, and its functions of today. */
  private record Nested(String name, RecordFormat<Object> format, Map<String, Object> today) {
    @SuppressWarnings("unchecked")
    static Nested of(Field constant) {
      try {
        constant.setAccessible(true);
        RecordFormat<Object> format = (RecordFormat<Object>) constant.get(null);
        Map<String, Object> functions = new TreeMap<>();
        for (String part : List.of("version", "writer", "reader", "loader", "name")) {
          functions.put(part, part(part).get(format) == null ? "" : part(part).get(format));
        }
        return new Nested((String) functions.get("name"), format, functions);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    private static Field part(String name) throws NoSuchFieldException {
      Field field = RecordFormat.class.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    }

    private int version() {
      return (int) today.get("version");
    }

    private static void requireField(int read, int version, DataInput in) throws IOException {
      if (read > version && in.readInt() != FIELD) {
        throw new IOException("the field lies elsewhere");
      }
    }

    @SuppressWarnings("unchecked")
    void grow() throws ReflectiveOperationException {
      var writer = (RecordFormat.Writer<Object>) today.get("writer");
      part("version").set(format, version() + 1);
      part("writer")
          .set(
              format,
              (RecordFormat.Writer<Object>)
                  (value, out) -> {
                    writer.write(value, out);
                    out.writeInt(FIELD);
                  });
      if (today.get("reader") instanceof RecordFormat.Reader<?> reader) {
        part("reader")
            .set(
                format,
                (RecordFormat.Reader<Object>)
                    (read, in) -> {
                      Object value = reader.read(Math.min(read, version()), in);
                      requireField(read, version(), in);
                      return value;
                    });
      } else {
        var loader = (RecordFormat.Loader<Object>) today.get("loader");
        part("loader")
            .set(
                format,
                (RecordFormat.Loader<Object>)
                    (target, read, in) -> {
                      loader.load(target, Math.min(read, version()), in);
                      requireField(read, version(), in);
                    });
      }
    }

    void shrink() throws ReflectiveOperationException {
      for (String part : List.of("version", "writer", "reader", "loader")) {
        Object function = today.get(part);
        part(part).set(format, "".equals(function) ? null : function);
      }
    }
  }

  @BeforeAll
  static void find() throws Exception {
    bundle = Chain.bundle(directory);
    Path classes =
        Path.of(RecordFormat.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Nested> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        String name = classes.relativize(file).toString().replace('/', '.');
        Class<?> type = Class.forName(name.substring(0, name.length() - ".class".length()));
        for (Field field : type.getDeclaredFields()) {
          if (field.getType() == RecordFormat.class && Modifier.isStatic(field.getModifiers())) {
            found.add(Nested.of(field));
          }
        }
      }
    }
    formats = List.copyOf(found);
  }

  private static <T> byte[] bytes(VersionedSerializer<T> serializer, T value) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(value, out);
    return out.getCopyOfBuffer();
  }

  private static <T> T read(VersionedSerializer<T> serializer, byte[] bytes) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    T value = serializer.deserialize(in);
    assertThat(in.available()).isZero();
    return value;
  }

  @Test
  void everyRecordCanGetAField() throws Exception {
    assertThat(formats).hasSizeGreaterThan(15);
    List<String> untried = new ArrayList<>();
    for (Nested nested : formats) {
      boolean tried = false;
      for (Case<?> each : SerializerCases.all()) {
        tried |= grown(nested, each);
      }
      if (!tried) {
        untried.add(nested.name());
      }
    }
    // What operators write into bytes of their own is tried by the snapshots below.
    untried.removeAll(CALLS);
    assertThat(untried).containsExactlyInAnyOrderElementsOf(OPAQUE);
  }

  /** True when the case holds such a record. */
  private static <T> boolean grown(Nested nested, Case<T> each) throws Exception {
    VersionedSerializer<T> serializer = each.serializer();
    byte[] before = bytes(serializer, each.value());
    byte[] after;
    try {
      nested.grow();
      after = bytes(serializer, each.value());
      assertThat(bytes(serializer, read(serializer, before)))
          .as("%s of before within %s", nested.name(), each)
          .isEqualTo(after);
      assertThat(bytes(serializer, read(serializer, after))).isEqualTo(after);
    } finally {
      nested.shrink();
    }
    if (after.length == before.length) {
      return false;
    }
    assertThatThrownBy(() -> read(serializer, after))
        .isInstanceOf(IncompatibleStateException.class)
        .hasMessageContaining(
            "holds %s of version %d, expected 1 to %d"
                .formatted(nested.name(), nested.version() + 1, nested.version()));
    return true;
  }

  @Test
  void storedConversationsGoOnWhenEveryRecordHasOneFieldMore() throws Exception {
    List<List<OperatorSubtaskState>> stored =
        List.of(
            StoredSnapshots.read("snapshots-v1/listening"),
            StoredSnapshots.read("snapshots-v1/answering"),
            detecting("by level", Script.silence(500).build()),
            detecting("by speech", Script.speech(Mode.SPEECH_TO_TEXT, false).build()));
    GoneOn expected = goOn(stored);
    assertThat(expected.heard()).isNotEmpty();
    for (Nested nested : formats) {
      try {
        nested.grow();
        GoneOn grown = goOn(stored);
        assertThat(grown.heard()).as(nested.name()).isEqualTo(expected.heard());
        if (OPAQUE.contains(nested.name())) {
          assertThat(grown.bytes()).as(nested.name()).isGreaterThan(expected.bytes());
        }
      } finally {
        nested.shrink();
      }
    }
  }

  @Test
  void aStoredCallGoesOnWhenEveryRecordHasOneFieldMore() throws Exception {
    GoneOn expected = goOnCalling();
    assertThat(expected.heard()).hasSizeGreaterThan(20);
    for (Nested nested : formats) {
      if (!CALLS.contains(nested.name())) {
        continue;
      }
      try {
        nested.grow();
        GoneOn grown = goOnCalling();
        assertThat(grown.heard()).as(nested.name()).isEqualTo(expected.heard());
        assertThat(grown.bytes()).as(nested.name()).isGreaterThan(expected.bytes());
      } finally {
        nested.shrink();
      }
    }
  }

  private static GoneOn goOnCalling() throws Exception {
    List<InboundRecord> story = CallStory.records(new Script("c"));
    OperatorSubtaskState stored = StoredSnapshots.read("snapshots-v1/calling", 1).get(0);
    try (CallHarness first = calls(stored)) {
      OperatorSubtaskState written = first.recognise(1).snapshot();
      try (CallHarness second = calls(written)) {
        List<InboundRecord> rest = story.subList(CallOperatorTest.STORED, story.size());
        second.send(CallStory.behindStored(rest.subList(0, 20)));
        long bytes = second.stateBytesAfterSnapshot();
        second.send(CallStory.behindStored(rest.subList(20, rest.size()))).settle();
        Map<String, String> heard = new TreeMap<>(CallHarness.live(List.of(first, second)));
        heard.put("summaries", second.summaries.toString());
        return new GoneOn(heard, bytes);
      }
    }
  }

  private static CallHarness calls(OperatorSubtaskState state) throws Exception {
    return new CallHarness(bundle, CallStory.RULES, CallStory.TRANSCRIBER, state);
  }

  /** A caller whose turns are found, in mid-turn and with a record that is held. */
  private static List<OperatorSubtaskState> detecting(String name, ConversationStarted started)
      throws Exception {
    Script script = new Script(name);
    try (Chain chain = Chain.open(bundle, Story.MODEL)) {
      chain.play(script.event(started), script.audio(1500));
      script.skip(1);
      return chain.play(script.text("held")).snapshot();
    }
  }

  /** What stored conversations still say, and the bytes of their state written anew. */
  private record GoneOn(Map<String, String> heard, long bytes) {}

  private static GoneOn goOn(List<List<OperatorSubtaskState>> stored) throws Exception {
    Map<String, String> heard = new TreeMap<>();
    long bytes = 0;
    for (List<OperatorSubtaskState> each : stored) {
      Chain first = Chain.restore(bundle, Story.MODEL, each);
      List<OperatorSubtaskState> states = first.work(3).snapshot();
      first.close();
      try (Chain second = Chain.restore(bundle, Story.MODEL, states)) {
        second.settle().advance(Duration.ofSeconds(1)).snapshot();
        bytes += second.stateBytes();
        heard.putAll(Story.kept(List.of(first, second)));
      }
    }
    return new GoneOn(heard, bytes);
  }
}
