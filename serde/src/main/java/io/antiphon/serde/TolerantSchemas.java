package io.antiphon.serde;

import io.antiphon.schemas.UnknownBody;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * Makes a reader's schema of a record's own and its writer's: bodies that only the writer knows are
 * read as records without fields, whose place an {@link UnknownBody} then takes.
 */
final class TolerantSchemas {
  private static final String BODY = "body";

  private TolerantSchemas() {}

  /**
   * @param reader the schema of the record's class
   * @param writer a schema of the same record, of any release
   * @return the reader's schema, with a body for every one that the writer has and the reader lacks
   */
  static Schema of(Schema reader, Schema writer) {
    Schema.Field body = reader.getField(BODY);
    Schema.Field written = writer.getField(BODY);
    if (body == null || written == null || !written.schema().isUnion()) {
      return reader;
    }
    Set<String> known = new HashSet<>();
    body.schema().getTypes().forEach(branch -> known.add(branch.getFullName()));
    List<Schema> branches = new ArrayList<>(body.schema().getTypes());
    for (Schema branch : written.schema().getTypes()) {
      if (known.add(branch.getFullName())) {
        branches.add(placeholder(branch, reader.getNamespace()));
      }
    }
    return branches.size() == body.schema().getTypes().size() ? reader : with(reader, branches);
  }

  /** Its name decides which class is looked for, so that it has to be of our own package. */
  private static Schema placeholder(Schema branch, String namespace) {
    if (branch.getType() != Schema.Type.RECORD || !namespace.equals(branch.getNamespace())) {
      throw new IllegalArgumentException(
          "the body "
              + branch.getFullName()
              + " is a "
              + branch.getType().getName()
              + "; expected a record of "
              + namespace);
    }
    return Schema.createRecord(branch.getName(), null, branch.getNamespace(), false, List.of());
  }

  private static Schema with(Schema reader, List<Schema> branches) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : reader.getFields()) {
      fields.add(
          new Schema.Field(
              field, field.name().equals(BODY) ? Schema.createUnion(branches) : field.schema()));
    }
    return Schema.createRecord(
        reader.getName(), reader.getDoc(), reader.getNamespace(), false, fields);
  }
}
