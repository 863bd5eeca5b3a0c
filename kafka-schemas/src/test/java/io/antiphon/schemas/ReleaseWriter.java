package io.antiphon.schemas;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Stores today's schemas and sample records as a released version; run once per version, before it
 * is released and never after:
 *
 * <ol>
 *   <li>add the version's samples to {@link SampleRecords} (with the new fields and bodies),
 *   <li>raise {@link ReleasedSchemas#NEWEST_VERSION},
 *   <li>in {@code kafka-schemas/}: {@code mvn -q test-compile dependency:build-classpath
 *       -Dmdep.outputFile=target/classpath}, then {@code java -cp
 *       target/test-classes:target/classes:$(cat target/classpath)
 *       io.antiphon.schemas.ReleaseWriter},
 *   <li>commit {@code src/main/resources} (schemas) and {@code src/test/resources} (bytes).
 * </ol>
 */
final class ReleaseWriter {
  private ReleaseWriter() {}

  public static void main(String[] arguments) throws IOException {
    String version = "v" + ReleasedSchemas.NEWEST_VERSION;
    Path schemas = Path.of("src/main/resources/io/antiphon/schemas", version);
    Files.createDirectories(schemas);
    for (Schema schema : ReleasedSchemas.current()) {
      Files.writeString(
          schemas.resolve(schema.getName() + ".avsc"),
          SchemaFormatter.format("json/pretty", schema) + "\n");
    }
    Path records = Path.of("src/test/resources/io/antiphon/schemas", version);
    Files.createDirectories(records);
    for (Map.Entry<String, SpecificRecordBase> sample :
        SampleRecords.of(ReleasedSchemas.NEWEST_VERSION).entrySet()) {
      Files.write(records.resolve(sample.getKey() + ".bin"), encode(sample.getValue()));
    }
  }

  static byte[] encode(SpecificRecordBase value) throws IOException {
    ByteBuffer bytes =
        new BinaryMessageEncoder<>(SpecificData.getForClass(value.getClass()), value.getSchema())
            .encode(value);
    byte[] array = new byte[bytes.remaining()];
    bytes.get(array);
    return array;
  }
}
