package io.antiphon.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.jspecify.annotations.NullMarked;

/**
 * The schemas of every released version, which a reader needs to understand what that version
 * wrote. They lie beside this class as {@code v1/ConversationEvent.avsc} and so on, and never
 * change once released.
 */
@NullMarked
public final class ReleasedSchemas {
  /** The newest released version; each has its folder {@code v1}, {@code v2}, ... */
  public static final int NEWEST_VERSION = 7;

  private static final List<Schema> CURRENT =
      List.of(
          ConversationEvent.getClassSchema(),
          SpeechResponse.getClassSchema(),
          TextResponse.getClassSchema(),
          CompletedTurn.getClassSchema(),
          CallSegment.getClassSchema(),
          CallEvent.getClassSchema(),
          CallMetrics.getClassSchema(),
          CallSummary.getClassSchema(),
          AnalyticsRules.getClassSchema(),
          Feedback.getClassSchema(),
          PreferencePair.getClassSchema(),
          DeadLetter.getClassSchema());

  private ReleasedSchemas() {}

  /** The schemas that this version writes with: one for every record that is a topic's value. */
  public static List<Schema> current() {
    return CURRENT;
  }

  /**
   * The released schemas of one topic's record, oldest first; the record may have come with a later
   * version than the first.
   *
   * @param fullName for example {@code io.antiphon.schemas.ConversationEvent}; a record that is no
   *     topic's value has none
   */
  public static List<Schema> of(String fullName) {
    List<Schema> schemas = new ArrayList<>();
    for (int version = 1; version <= NEWEST_VERSION; version++) {
      of(fullName, version).ifPresent(schemas::add);
    }
    return schemas;
  }

  /** The schema that one version wrote with; none when it had no such record. */
  static Optional<Schema> of(String fullName, int version) {
    String record = fullName.substring(fullName.lastIndexOf('.') + 1);
    String file = "v" + version + "/" + record + ".avsc";
    try (InputStream stream = ReleasedSchemas.class.getResourceAsStream(file)) {
      return stream == null
          ? Optional.empty()
          : Optional.of(new SchemaParser().parse(stream).mainSchema());
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }
}
