package io.antiphon.serde;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.schemas.ReleasedSchemas;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.message.BinaryMessageEncoder;

/**
 * Schemas of a release that does not exist, and bytes that it wrote: every kind of change that a
 * later release may make. They are stored once and read by the tests, as a consumer of today will
 * meet the bytes of tomorrow. {@code main} wrote them, from the folder {@code serde/}.
 */
final class LaterRelease {
  /** Records of the later release by file name: what each is for stands in {@link #records}. */
  static final List<String> SAMPLES =
      List.of(
          "event-with-later-body",
          "event-with-known-body",
          "event-with-later-mode",
          "text-with-later-body",
          "text-with-later-reason",
          "speech",
          "completed-turn");

  private static final ObjectMapper JSON = new ObjectMapper();

  private LaterRelease() {}

  /** The stored schema of one of the later release's records. */
  static Schema schema(String record) {
    return new SchemaParser().parse(new String(resource(record + ".avsc"))).mainSchema();
  }

  /** The stored bytes of a sample. */
  static byte[] bytes(String sample) {
    return resource(sample + ".bin");
  }

  private static byte[] resource(String name) {
    try (InputStream stream = LaterRelease.class.getResourceAsStream("later/" + name)) {
      if (stream == null) {
        throw new IllegalStateException("no later/" + name);
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes schemas and bytes into the test's resources. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of("src/test/resources/io/antiphon/serde/later");
    Files.createDirectories(folder);
    Map<String, Schema> schemas = new LinkedHashMap<>();
    for (Schema today : ReleasedSchemas.current()) {
      if (List.of("ConversationEvent", "TextResponse", "SpeechResponse", "CompletedTurn")
          .contains(today.getName())) {
        Schema later = later(today);
        schemas.put(today.getName(), later);
        Files.writeString(folder.resolve(today.getName() + ".avsc"), later.toString(true) + "\n");
      }
    }
    for (Map.Entry<String, GenericRecord> sample : records(schemas).entrySet()) {
      ByteBuffer bytes =
          new BinaryMessageEncoder<GenericRecord>(GenericData.get(), sample.getValue().getSchema())
              .encode(sample.getValue());
      byte[] array = new byte[bytes.remaining()];
      bytes.get(array);
      Files.write(folder.resolve(sample.getKey() + ".bin"), array);
    }
  }

  private static Map<String, GenericRecord> records(Map<String, Schema> schemas) {
    Map<String, GenericRecord> records = new LinkedHashMap<>();
    Schema event = schemas.get("ConversationEvent");
    // A body that today has no name for, with a field of every kind, and a field behind the body.
    Schema sneezed = branch(event, "Sneezed");
    records.put(
        "event-with-later-body",
        event(
            event,
            new GenericRecordBuilder(sneezed)
                .set("loudness", 3.5)
                .set("echoes", List.of("ha", "tschi"))
                .set("kind", new GenericData.EnumSymbol(sneezed.getField("kind").schema(), "WET"))
                .set(
                    "format",
                    new GenericRecordBuilder(sneezed.getField("format").schema())
                        .set("encoding", "flac")
                        .build())
                .build()));
    // A body that today knows, with a field more.
    records.put(
        "event-with-known-body",
        event(
            event,
            new GenericRecordBuilder(branch(event, "AudioChunk"))
                .set("bytes", ByteBuffer.wrap(new byte[] {1, 2}))
                .set("channel", 1)
                .set("gainDecibels", 6.0)
                .build()));
    Schema started = branch(event, "ConversationStarted");
    records.put(
        "event-with-later-mode",
        event(
            event,
            new GenericRecordBuilder(started)
                .set("tenant", "kitchen")
                .set(
                    "mode", new GenericData.EnumSymbol(started.getField("mode").schema(), "DUPLEX"))
                .build()));
    Schema text = schemas.get("TextResponse");
    records.put(
        "text-with-later-body",
        text(
            text,
            4L,
            new GenericRecordBuilder(branch(text, "Laughed")).set("loudness", 0.5).build()));
    Schema completed = branch(text, "TurnCompleted");
    records.put("text-with-later-reason", text(text, 5L, completed(completed)));
    Schema speech = schemas.get("SpeechResponse");
    records.put(
        "speech",
        new GenericRecordBuilder(speech)
            .set("conversationId", "c-1")
            .set("turn", 1)
            .set("sequence", 2L)
            .set("offsetMillis", 40L)
            .set(
                "format",
                new GenericRecordBuilder(speech.getField("format").schema())
                    .set("encoding", "alaw")
                    .set("sampleRate", 8_000)
                    .build())
            .set("bytes", ByteBuffer.wrap(new byte[] {7}))
            .set("last", true)
            .set("note", "later")
            .build());
    records.put(
        "completed-turn",
        new GenericRecordBuilder(schemas.get("CompletedTurn"))
            .set("conversationId", "c-1")
            .set("turn", 3)
            .set("time", 1_700_000_000_123L)
            .set("questionType", "SUNG")
            .set("finishReason", "BORED")
            .set("text", "no")
            .set("note", "later")
            .build());
    return records;
  }

  private static GenericRecord event(Schema schema, GenericRecord body) {
    return new GenericRecordBuilder(schema)
        .set("conversationId", "c-1")
        .set("sequence", 7L)
        .set("time", 8L)
        .set("epoch", 2)
        .set("body", body)
        .set("note", "later")
        .build();
  }

  private static GenericRecord text(Schema schema, long sequence, GenericRecord body) {
    return new GenericRecordBuilder(schema)
        .set("conversationId", "c-1")
        .set("turn", 1)
        .set("sequence", sequence)
        .set("body", body)
        .set("note", "later")
        .build();
  }

  private static GenericRecord completed(Schema schema) {
    return new GenericRecordBuilder(schema)
        .set("text", "yes")
        .set(
            "finishReason",
            new GenericData.EnumSymbol(schema.getField("finishReason").schema(), "BORED"))
        .set(
            "usage",
            new GenericRecordBuilder(schema.getField("usage").schema())
                .set("promptPositions", 1)
                .set("audioGroups", 2)
                .set("textTokens", 3)
                .set("speechTokens", 4)
                .build())
        .set("latencies", new GenericRecordBuilder(schema.getField("latencies").schema()).build())
        .build();
  }

  private static Schema branch(Schema record, String name) {
    return record.getField("body").schema().getTypes().stream()
        .filter(type -> type.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Today's schema with a field more at its end and in nested records, more symbols and bodies. */
  private static Schema later(Schema today) throws IOException {
    ObjectNode root = (ObjectNode) JSON.readTree(today.toString());
    change(root);
    if (root.get("name").asText().equals("ConversationEvent")) {
      body(root)
          .add(
              parse(
                  """
                  {"type": "record", "name": "Sneezed", "fields": [
                    {"name": "loudness", "type": "double"},
                    {"name": "echoes", "type": {"type": "array", "items": "string"}},
                    {"name": "kind", "type": {"type": "enum", "name": "SneezeKind", "symbols": ["DRY", "WET"]}},
                    {"name": "format", "type": "AudioFormat"}]}
                  """));
    } else if (root.get("name").asText().equals("TextResponse")) {
      body(root)
          .insert(
              0, // where a later release must not add it: readers do not care
              parse(
                  """
                  {"type": "record", "name": "Laughed", "fields": [{"name": "loudness", "type": "double"}]}
                  """));
    }
    field(root, "note", "\"string\"", "\"\"");
    return new SchemaParser().parse(root.toString()).mainSchema();
  }

  private static void field(ObjectNode record, String name, String type, String byDefault) {
    ObjectNode field = ((ArrayNode) record.get("fields")).addObject();
    field.put("name", name).set("type", parse(type));
    field.set("default", parse(byDefault));
  }

  private static ArrayNode body(ObjectNode root) {
    for (JsonNode field : root.get("fields")) {
      if (field.get("name").asText().equals("body")) {
        return (ArrayNode) field.get("type");
      }
    }
    throw new IllegalStateException("no body");
  }

  private static void change(JsonNode node) {
    if (node instanceof ObjectNode named && named.has("name") && named.has("type")) {
      switch (named.get("name").asText()) {
        case "Mode" -> ((ArrayNode) named.get("symbols")).insert(1, "DUPLEX");
        case "FinishReason" -> ((ArrayNode) named.get("symbols")).insert(0, "BORED");
        case "AudioFormat" -> field(named, "bitDepth", "\"int\"", "16");
        case "AudioChunk" -> field(named, "gainDecibels", "\"double\"", "0.0");
        case "Usage" -> field(named, "cents", "[\"null\",\"double\"]", "null");
        default -> {}
      }
    }
    node.forEach(LaterRelease::change);
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
