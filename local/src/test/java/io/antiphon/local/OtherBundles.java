package io.antiphon.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Bundles made of another one. */
final class OtherBundles {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TENSOR = "language_model.model.layers.3.mlp.down_proj.weight";

  private OtherBundles() {}

  private static Path copy(Path bundle, Path target) throws IOException {
    Files.createDirectories(target);
    List<Path> files;
    try (Stream<Path> listed = Files.list(bundle)) {
      files = listed.toList();
    }
    for (Path file : files) {
      Files.copy(file, target.resolve(file.getFileName().toString()));
    }
    return target;
  }

  /** Of the same architecture with other weights: one tensor of 16 bits has its signs turned. */
  static Path retrained(Path bundle, Path target) throws IOException {
    Path file = copy(bundle, target).resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    JsonNode range = JSON.readTree(bytes, 8, header).path(TENSOR).path("data_offsets");
    int begin = 8 + header + range.required(0).asInt();
    int end = 8 + header + range.required(1).asInt();
    for (int at = begin + 1; at < end; at += 2) {
      bytes[at] ^= (byte) 0x80;
    }
    Files.write(file, bytes);
    return target;
  }

  /** Of another architecture: a speech token has another number of samples. */
  static Path withOtherSize(Path bundle, Path target) throws IOException {
    Path file = copy(bundle, target).resolve("antiphon.json");
    ObjectNode manifest = (ObjectNode) JSON.readTree(file.toFile());
    ObjectNode detokenizer = (ObjectNode) manifest.get("detokenizer");
    detokenizer.put("samplesPerToken", detokenizer.get("samplesPerToken").asInt() + 1);
    JSON.writeValue(file.toFile(), manifest);
    return target;
  }
}
