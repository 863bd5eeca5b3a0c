package io.antiphon.serde;

import java.nio.charset.StandardCharsets;

/**
 * Tells what a value that is no single-object encoding looks like, and what its producer can do.
 */
final class ForeignFormats {
  private static final int CONFLUENT_HEADER_BYTES = 5;

  private ForeignFormats() {}

  /** Begins with a semicolon; empty when it looks like nothing known. */
  static String hint(byte[] value) {
    if (value.length > CONFLUENT_HEADER_BYTES && value[0] == 0) {
      return "; it looks like a schema registry's framing (00, schema id, body): set"
          + " kafka.valueEncoding to confluent, or write single-object encoding";
    }
    String begin = new String(value, 0, Math.min(value.length, 64), StandardCharsets.UTF_8).strip();
    if (begin.startsWith("{") || begin.startsWith("[")) {
      return "; it looks like JSON: values have to be Avro";
    }
    if (value.length >= 4 && begin.startsWith("Obj\u0001")) {
      return "; it looks like an Avro file: values are single records";
    }
    return value.length > 0 ? "; it may be a bare Avro body, without the ten bytes before it" : "";
  }
}
