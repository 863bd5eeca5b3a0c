package io.antiphon.serde.schemas;

import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.RecordFraming;
import io.antiphon.serde.ValueEncoding;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * Values framed as schema registries want them: {@code 00}, four bytes of the schema's id, the most
 * significant first, and the Avro body. Subjects are the topic's name and {@code -value}. Thread
 * safe.
 */
public final class ConfluentEncoding implements ValueEncoding {
  private static final int HEADER_BYTES = 5;

  private final SchemaRegistry registry;

  public ConfluentEncoding(SchemaRegistry registry) {
    this.registry = registry;
  }

  @Override
  public byte[] encode(String topic, SpecificRecord value, int maximumBytes) {
    int id;
    try {
      id = registry.register(topic + "-value", value.getSchema());
    } catch (SchemaRegistry.RegistryException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    byte[] header = ByteBuffer.allocate(HEADER_BYTES).put((byte) 0).putInt(id).array();
    return RecordFraming.encode(header, value, maximumBytes);
  }

  @Override
  public <T extends SpecificRecord> T decode(Class<T> type, byte[] value, int maximumBytes)
      throws RecordDecodingException {
    RecordFraming.requireUsable(type, value, maximumBytes);
    if (value.length < HEADER_BYTES || value[0] != 0) {
      throw new RecordDecodingException(
          RecordDecodingException.UNDECODABLE,
          "the value's "
              + value.length
              + " bytes do not begin with 00 and a schema's id; expected a "
              + type.getSimpleName()
              + " in the framing of a schema registry");
    }
    int id = ByteBuffer.wrap(value).getInt(1);
    Optional<Schema> schema;
    try {
      schema = registry.schema(id);
    } catch (SchemaRegistry.RegistryException e) {
      throw new RecordDecodingException(
          RecordDecodingException.REGISTRY_UNAVAILABLE,
          "the schema with id " + id + " cannot be asked for: " + e.getMessage(),
          e);
    }
    if (schema.isEmpty()) {
      throw new RecordDecodingException(
          RecordDecodingException.UNKNOWN_VERSION,
          "the value was written with the schema of id "
              + id
              + ", which the registry does not have");
    }
    return RecordFraming.decode(type, schema.get(), value, HEADER_BYTES);
  }
}
