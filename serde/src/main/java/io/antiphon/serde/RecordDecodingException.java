package io.antiphon.serde;

import java.util.Objects;

/**
 * A Kafka record that cannot be used. The {@linkplain #code() code} and the message go into the
 * dead letter unchanged.
 */
public final class RecordDecodingException extends Exception {
  /**
   * The value is no single-object encoding, is cut off, has bytes left over or breaks its schema.
   */
  public static final String UNDECODABLE = "undecodable";

  /** The value names a schema that no released version of this record has. */
  public static final String UNKNOWN_VERSION = "unknown-version";

  /** The registry that knows the value's schema does not answer; the record itself may be good. */
  public static final String REGISTRY_UNAVAILABLE = "schema-registry-unavailable";

  /** The record has no key, or an empty one. */
  public static final String MISSING_KEY = "missing-key";

  /** The key is no UTF-8, or names another conversation than the value does. */
  public static final String INVALID_KEY = "invalid-key";

  /** The record has no value. */
  public static final String MISSING_VALUE = "missing-value";

  /** The value is larger than the limit. */
  public static final String RECORD_TOO_LARGE = "record-too-large";

  private static final long serialVersionUID = 1L;

  private final String code;

  public RecordDecodingException(String code, String message) {
    super(message);
    this.code = code;
  }

  public RecordDecodingException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** One of this class's constants. */
  public String code() {
    return code;
  }

  /** Never null: each says what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
