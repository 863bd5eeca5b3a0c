package io.antiphon.runtime.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads a safetensors file: eight bytes of header length (little-endian), a JSON header with type,
 * shape and byte range of each tensor, the bytes. Files up to 2 GB, for constants and reference
 * cases; weights are read by ONNX Runtime itself.
 */
public final class Safetensors {
  private record Entry(String type, long[] shape, int begin, int end) {}

  private final Path file;
  private final ByteBuffer data;
  private final Map<String, Entry> entries;

  private Safetensors(Path file, ByteBuffer data, Map<String, Entry> entries) {
    this.file = file;
    this.data = data;
    this.entries = entries;
  }

  /**
   * @throws IOException when the file cannot be read or is not well-formed
   */
  public static Safetensors open(Path file) throws IOException {
    ByteBuffer bytes;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    }
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    long header = bytes.remaining() < 8 ? -1 : bytes.getLong();
    if (header < 2 || header > bytes.remaining()) {
      throw new IOException(file + " is not a safetensors file: header length " + header);
    }
    byte[] json = new byte[(int) header];
    bytes.get(json);
    Map<String, Entry> entries = new LinkedHashMap<>();
    JsonNode root = new ObjectMapper().readTree(json);
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        entries.put(
            field.getKey(), entry(file, field.getKey(), field.getValue(), bytes.remaining()));
      }
    }
    return new Safetensors(file, bytes.slice().order(ByteOrder.LITTLE_ENDIAN), entries);
  }

  private static Entry entry(Path file, String name, JsonNode node, int size) throws IOException {
    JsonNode offsets = node.path("data_offsets");
    JsonNode shape = node.path("shape");
    long begin = offsets.path(0).asLong(-1);
    long end = offsets.path(1).asLong(-1);
    if (begin < 0 || end < begin || end > size || !shape.isArray()) {
      throw new IOException(file + ": tensor " + name + " has header " + node);
    }
    long[] sizes = new long[shape.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = shape.get(i).asLong();
    }
    return new Entry(node.path("dtype").asText(), sizes, (int) begin, (int) end);
  }

  public boolean has(String name) {
    return entries.containsKey(name);
  }

  public Iterable<String> names() {
    return entries.keySet();
  }

  long[] shape(String name) throws IOException {
    return find(name).shape().clone();
  }

  /** An F32 or F64 tensor's values, row-major. */
  public double[] doubles(String name) throws IOException {
    Entry entry = find(name);
    if (entry.type().equals("F64")) {
      double[] values = new double[(entry.end() - entry.begin()) / Double.BYTES];
      bytes(entry).asDoubleBuffer().get(values);
      return values;
    }
    float[] singles = floats(name);
    double[] values = new double[singles.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = singles[i];
    }
    return values;
  }

  /** An F32 tensor's values, row-major. */
  public float[] floats(String name) throws IOException {
    float[] values = new float[size(name, "F32", Float.BYTES)];
    bytes(find(name)).asFloatBuffer().get(values);
    return values;
  }

  /** An I32 tensor's values, row-major. */
  public int[] ints(String name) throws IOException {
    int[] values = new int[size(name, "I32", Integer.BYTES)];
    bytes(find(name)).asIntBuffer().get(values);
    return values;
  }

  /** An I64 tensor's values, row-major. */
  public long[] longs(String name) throws IOException {
    long[] values = new long[size(name, "I64", Long.BYTES)];
    bytes(find(name)).asLongBuffer().get(values);
    return values;
  }

  private int size(String name, String type, int bytes) throws IOException {
    Entry entry = find(name);
    if (!entry.type().equals(type)) {
      throw new IOException(
          file + ": tensor " + name + " has type " + entry.type() + ", expected " + type);
    }
    return (entry.end() - entry.begin()) / bytes;
  }

  private ByteBuffer bytes(Entry entry) {
    return data.slice(entry.begin(), entry.end() - entry.begin()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private Entry find(String name) throws IOException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IOException(file + " has no tensor " + name);
    }
    return entry;
  }
}
