package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.operators.SerializerCases.Case;
import io.antiphon.operators.state.VersionedSerializer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes written by any version are read for ever. Each file of {@code serializers-v1}, {@code
 * serializers-v2} and so on holds the serialiser's snapshot and one value, written by that version;
 * a new version adds files, and never changes these. With {@code -Dantiphon.write-serializers=DIR}
 * the newest ones are written.
 */
class SerializersTest {
  private static final Path WRITE =
      System.getProperty("antiphon.write-serializers") == null
          ? null
          : Path.of(System.getProperty("antiphon.write-serializers"));

  private static <T> byte[] bytes(VersionedSerializer<T> serializer, T value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputViewStreamWrapper out = new DataOutputViewStreamWrapper(bytes);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    serializer.serialize(value, out);
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @MethodSource("io.antiphon.operators.SerializerCases#all")
  <T> void everyVersionIsRead(Case<T> each) throws Exception {
    String folder = "serializers-v" + each.version();
    if (WRITE != null && each.newest()) {
      Path file = WRITE.resolve(folder).resolve(each.name() + ".bin");
      Files.createDirectories(file.getParent());
      Files.write(file, bytes(each.serializer(), each.value()));
    }
    byte[] stored;
    try (InputStream file =
        SerializersTest.class.getResourceAsStream("/" + folder + "/" + each.name() + ".bin")) {
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
  @MethodSource("io.antiphon.operators.SerializerCases#all")
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
        .hasMessageContaining("of version " + newer[0] + ", expected 1 to " + (newer[0] - 1));
  }
}
