package io.antiphon.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.SchemaStore;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Today's classes read what every released version wrote. */
class CompatibilityTest {
  static Stream<Integer> versions() {
    return IntStream.rangeClosed(1, ReleasedSchemas.NEWEST_VERSION).boxed();
  }

  static List<Schema> today() {
    return ReleasedSchemas.current();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void theStoredBytesOfEveryVersionAreRead(int version) throws Exception {
    for (Map.Entry<String, SpecificRecordBase> sample : SampleRecords.of(version).entrySet()) {
      byte[] stored = stored(version, sample.getKey());
      SpecificRecordBase expected = sample.getValue();
      SchemaStore.Cache writers = new SchemaStore.Cache();
      ReleasedSchemas.of(expected.getSchema().getFullName()).forEach(writers::addSchema);
      BinaryMessageDecoder<SpecificRecordBase> decoder =
          new BinaryMessageDecoder<>(
              SpecificData.getForClass(expected.getClass()), expected.getSchema(), writers);
      assertThat(decoder.decode(stored)).as(sample.getKey()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void theStoredBytesNameTheirVersion(int version) throws Exception {
    for (Map.Entry<String, SpecificRecordBase> sample : SampleRecords.of(version).entrySet()) {
      byte[] stored = stored(version, sample.getKey());
      Schema schema =
          ReleasedSchemas.of(sample.getValue().getSchema().getFullName(), version).orElseThrow();
      byte[] fingerprint = SchemaNormalization.parsingFingerprint("CRC-64-AVRO", schema);
      assertThat(Arrays.copyOf(stored, 2)).containsExactly(0xC3, 0x01);
      assertThat(Arrays.copyOfRange(stored, 2, 10)).as(sample.getKey()).isEqualTo(fingerprint);
    }
  }

  @ParameterizedTest
  @MethodSource("today")
  void todaysSchemasReadEveryReleasedOne(Schema today) {
    List<Schema> released = ReleasedSchemas.of(today.getFullName());
    assertThat(released).isNotEmpty();
    for (Schema writer : released) {
      assertThat(SchemaCompatibility.checkReaderWriterCompatibility(today, writer).getType())
          .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }
  }

  @ParameterizedTest
  @MethodSource("today")
  void todaysSchemasAreTheNewestRelease(Schema today) {
    List<Schema> released = ReleasedSchemas.of(today.getFullName());
    assertThat(SchemaNormalization.toParsingForm(today))
        .as("%s has changed: store it as a new version, see ReleaseWriter", today.getName())
        .isEqualTo(SchemaNormalization.toParsingForm(released.get(released.size() - 1)));
  }

  @Test
  void everyBodyHasASample() {
    Set<String> bodies = new TreeSet<>();
    for (Schema schema : ReleasedSchemas.current()) {
      Schema.Field body = schema.getField("body");
      if (body != null) {
        body.schema().getTypes().forEach(type -> bodies.add(type.getName()));
      }
    }
    Set<String> sampled = new TreeSet<>();
    for (SpecificRecordBase sample : SampleRecords.of(ReleasedSchemas.NEWEST_VERSION).values()) {
      if (sample instanceof ConversationEvent event) {
        sampled.add(((SpecificRecordBase) event.getBody()).getSchema().getName());
      } else if (sample instanceof TextResponse response) {
        sampled.add(((SpecificRecordBase) response.getBody()).getSchema().getName());
      }
    }
    assertThat(sampled).isEqualTo(bodies);
  }

  @Test
  void aRecordThatIsNoTopicsValueHasNoReleases() {
    assertThat(ReleasedSchemas.of("io.antiphon.schemas.Usage")).isEmpty();
  }

  private static byte[] stored(int version, String name) throws Exception {
    String file = "v" + version + "/" + name + ".bin";
    try (InputStream stream = CompatibilityTest.class.getResourceAsStream(file)) {
      assertThat(stream).as(file).isNotNull();
      return stream.readAllBytes();
    }
  }
}
