package io.antiphon.serde;

import java.util.Optional;
import org.apache.avro.Schema;

/**
 * Where the schemas of later releases can be looked up. Implementations are thread safe and bound
 * how often and how long they ask: a lookup happens wherever a record is decoded.
 */
@FunctionalInterface
public interface WriterSchemas {
  /** Knows nothing beside the released schemas of this version. */
  WriterSchemas NONE = fingerprint -> Optional.empty();

  /**
   * The schema of a CRC-64-AVRO fingerprint.
   *
   * @return none when it is not known, or cannot be asked for now
   */
  Optional<Schema> find(long fingerprint);
}
