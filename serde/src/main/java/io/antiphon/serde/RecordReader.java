package io.antiphon.serde;

import io.antiphon.schemas.UnknownBody;
import java.io.IOException;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;

/** Reads the bodies that one writer's schema wrote, of this release, an earlier or a later one. */
@FunctionalInterface
interface RecordReader<T> {
  /** Reads one record; whatever Avro throws at broken bytes may come out. */
  T read(BinaryDecoder body) throws IOException;

  /**
   * A reader of what {@code writer} wrote, as records of {@code type}.
   *
   * @throws IllegalArgumentException when the type's schema cannot read it
   */
  static <T> RecordReader<T> of(Class<?> type, SpecificData data, Schema writer) {
    Schema own = data.getSchema(type);
    if (CompletedTurnsOfVersionTwo.wrote(writer)) {
      @SuppressWarnings("unchecked")
      RecordReader<T> earlier = (RecordReader<T>) new CompletedTurnsOfVersionTwo(writer);
      return earlier;
    }
    Schema reader = TolerantSchemas.of(own, writer);
    requireCompatible(reader, writer);
    SpecificDatumReader<T> avro = new SpecificDatumReader<>(writer, reader, data);
    Schema.Field bodyField = own.getField("body");
    if (reader == own || bodyField == null) {
      return body -> avro.read(null, body);
    }
    return body -> {
      T record = avro.read(null, body);
      SpecificRecord fields = (SpecificRecord) record;
      if (fields.get(bodyField.pos()) instanceof GenericRecord later
          && !(later instanceof SpecificRecord)) {
        fields.put(bodyField.pos(), new UnknownBody(later.getSchema().getName()));
      }
      return record;
    };
  }

  private static void requireCompatible(Schema reader, Schema writer) {
    SchemaCompatibility.SchemaCompatibilityResult result;
    try {
      result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
    } catch (AvroRuntimeException e) {
      throw new IllegalArgumentException("a schema of " + writer.getFullName() + ": " + e, e);
    }
    if (result.getCompatibility() != SchemaCompatibilityType.COMPATIBLE) {
      List<String> problems =
          result.getIncompatibilities().stream()
              .map(Incompatibility::getMessage)
              .distinct()
              .limit(5)
              .toList();
      throw new IllegalArgumentException(
          "what was written as "
              + writer.getFullName()
              + " cannot be read as "
              + reader.getFullName()
              + ": "
              + String.join("; ", problems));
    }
  }
}
