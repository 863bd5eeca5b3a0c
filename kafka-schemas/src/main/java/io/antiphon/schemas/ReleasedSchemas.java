package io.antiphon.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;

/**
 * The schemas of every released version, which a reader needs to understand what that version
 * wrote. They lie beside this class as {@code v1/ConversationEvent.avsc} and so on, and never
 * change once released.
 */
public final class ReleasedSchemas {
  /** The newest released version; each has its folder {@code v1}, {@code v2}, ... */
  public static final int NEWEST_VERSION = 1;

  private ReleasedSchemas() {}

  /**
   * The released schemas of one topic's record, oldest first.
   *
   * @param fullName for example {@code io.antiphon.schemas.ConversationEvent}; a record that is no
   *     topic's value has none
   */
  public static List<Schema> of(String fullName) {
    String record = fullName.substring(fullName.lastIndexOf('.') + 1);
    List<Schema> schemas = new ArrayList<>();
    for (int version = 1; version <= NEWEST_VERSION; version++) {
      String file = "v" + version + "/" + record + ".avsc";
      try (InputStream stream = ReleasedSchemas.class.getResourceAsStream(file)) {
        if (stream != null) {
          schemas.add(new SchemaParser().parse(stream).mainSchema());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(file, e);
      }
    }
    return schemas;
  }
}
