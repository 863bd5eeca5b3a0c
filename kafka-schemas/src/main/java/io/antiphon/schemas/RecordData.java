package io.antiphon.schemas;

import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;
import org.jspecify.annotations.NullMarked;

/**
 * The data model behind the generated records. Loading this class tells Avro that the classes of
 * this package may be loaded by the names in their schemas, beside whatever was trusted before.
 */
@NullMarked
final class RecordData {
  static {
    String trusted = RecordData.class.getPackageName();
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), type -> type.getPackageName().equals(trusted)));
  }

  private RecordData() {}

  static SpecificData create() {
    return new SpecificData(RecordData.class.getClassLoader());
  }
}
