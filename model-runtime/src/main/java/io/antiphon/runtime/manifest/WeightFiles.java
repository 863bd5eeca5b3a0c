package io.antiphon.runtime.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.configuration.ConfigurationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Checks safetensors files of any size by their headers, before ONNX Runtime maps them: a graph
 * over a file that was cut short or exchanged would fail late, or speak with other weights.
 */
public final class WeightFiles {
  private static final String POINTER = "version https://git-lfs";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String SINGLE = "model.safetensors";
  private static final int LONGEST_HEADER = 100_000_000;
  private static final int SAMPLED = 64;

  /** A file's header and where its data begin. */
  private record Header(JsonNode json, long start) {}

  private WeightFiles() {}

  /**
   * @param files of a manifest
   * @throws ConfigurationException with one sentence for each file that cannot be used
   */
  public static void require(Path folder, List<String> files) {
    List<String> problems = problems(folder, files);
    if (!problems.isEmpty()) {
      throw new ConfigurationException("Bundle " + folder, problems);
    }
  }

  private static List<String> problems(Path folder, List<String> files) {
    List<String> problems = new ArrayList<>();
    Map<String, String> packed = new LinkedHashMap<>();
    for (String file : files) {
      Path path = folder.resolve(file);
      try {
        Header header = header(path);
        long expected = end(header);
        long size = Files.size(path);
        if (size < expected) {
          throw new IOException(
              size + " bytes; its header implies " + expected + ", so it was cut short");
        }
        JsonNode checkpoint = header.json().path("__metadata__").path("checkpoint");
        if (checkpoint.isTextual()) {
          packed.put(file, checkpoint.asText());
        }
      } catch (IOException e) {
        problems.add("weights: " + path + ": " + e.getMessage());
      }
    }
    if (problems.isEmpty() && !packed.isEmpty()) {
      foreign(folder, packed, problems);
    }
    return problems;
  }

  /** Packed weights that were made from another checkpoint than the one that lies beside them. */
  private static void foreign(Path folder, Map<String, String> packed, List<String> problems) {
    try {
      List<String> sources = sources(folder);
      if (sources.isEmpty()) {
        return;
      }
      String fingerprint = fingerprint(folder, sources);
      packed.forEach(
          (file, made) -> {
            if (!made.equals(fingerprint)) {
              problems.add(
                  "weights: "
                      + folder.resolve(file)
                      + ": packed from another checkpoint than the one beside it; export again");
            }
          });
    } catch (IOException e) {
      problems.add("weights: " + folder + ": " + e.getMessage());
    }
  }

  /** The checkpoint's own files, empty where they are not all here. */
  private static List<String> sources(Path folder) throws IOException {
    TreeSet<String> files = new TreeSet<>();
    if (Files.isRegularFile(folder.resolve(INDEX))) {
      JsonNode map = new ObjectMapper().readTree(folder.resolve(INDEX).toFile()).path("weight_map");
      map.forEach(file -> files.add(file.asText()));
    } else {
      files.add(SINGLE);
    }
    boolean all = files.stream().allMatch(file -> Files.isRegularFile(folder.resolve(file)));
    return all ? List.copyOf(files) : List.of();
  }

  /** Of one file. */
  static String fingerprint(Path folder, String file) throws IOException {
    return fingerprint(folder, List.of(file));
  }

  /**
   * As the export's {@code Checkpoint.fingerprint}: names, types, shapes and a few bytes of each.
   */
  private static String fingerprint(Path folder, List<String> files) throws IOException {
    record Stored(Path file, JsonNode entry, long start) {}
    Map<String, Stored> tensors = new TreeMap<>();
    for (String file : files) {
      Header header = header(folder.resolve(file));
      for (Map.Entry<String, JsonNode> field : header.json().properties()) {
        if (!field.getKey().equals("__metadata__")) {
          Path path = folder.resolve(file);
          tensors.put(field.getKey(), new Stored(path, field.getValue(), header.start()));
        }
      }
    }
    MessageDigest digest = sha256();
    for (Map.Entry<String, Stored> tensor : tensors.entrySet()) {
      JsonNode entry = tensor.getValue().entry();
      String line =
          tensor.getKey() + " " + entry.path("dtype").asText() + " " + tuple(entry.path("shape"));
      digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
      long begin = entry.path("data_offsets").path(0).asLong();
      long length = entry.path("data_offsets").path(1).asLong() - begin;
      long offset = tensor.getValue().start() + begin + length / 2 / SAMPLED * SAMPLED;
      try (FileChannel channel =
          FileChannel.open(tensor.getValue().file(), StandardOpenOption.READ)) {
        digest.update(read(channel, offset, (int) Math.min(SAMPLED, length)));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Python's form of a tuple of numbers. */
  private static String tuple(JsonNode shape) {
    List<String> sizes = new ArrayList<>();
    shape.forEach(size -> sizes.add(size.asText()));
    return "(" + String.join(", ", sizes) + (sizes.size() == 1 ? ",)" : ")");
  }

  private static long end(Header header) throws IOException {
    long end = header.start();
    for (Map.Entry<String, JsonNode> field : header.json().properties()) {
      if (field.getKey().equals("__metadata__")) {
        continue;
      }
      long last = field.getValue().path("data_offsets").path(1).asLong(-1);
      if (last < 0) {
        throw new IOException("tensor " + field.getKey() + " has no data_offsets");
      }
      end = Math.max(end, header.start() + last);
    }
    return end;
  }

  private static Header header(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      byte[] begin = read(channel, 0, (int) Math.min(POINTER.length(), channel.size()));
      if (new String(begin, StandardCharsets.US_ASCII).equals(POINTER)) {
        throw new IOException(
            "a Git LFS pointer, not the file itself; run 'git lfs pull' in its folder");
      }
      long length =
          begin.length < Long.BYTES
              ? -1
              : ByteBuffer.wrap(begin).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length < 2 || length > LONGEST_HEADER || Long.BYTES + length > channel.size()) {
        throw new IOException(
            channel.size() + " bytes without a safetensors header; download the file again");
      }
      JsonNode json = new ObjectMapper().readTree(read(channel, Long.BYTES, (int) length));
      return new Header(json, Long.BYTES + length);
    }
  }

  private static byte[] read(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
      // goes on until all is read or the file ends
    }
    byte[] all = new byte[bytes.position()];
    bytes.flip().get(all);
    return all;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
