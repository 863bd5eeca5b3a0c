package io.antiphon.runtime.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A byte-level BPE tokenizer from a Hugging Face {@code tokenizer.json}. Encoding is the tokenizers
 * library's; decoding maps each id to its bytes, so that a stream never waits for more than the
 * character it is in.
 */
public final class HuggingFaceTextTokenizer implements TextTokenizer {
  private final HuggingFaceTokenizer template;
  private final HuggingFaceTokenizer plain;
  private final Pattern markers;
  private final byte[][] bytes;

  private HuggingFaceTextTokenizer(
      HuggingFaceTokenizer template, HuggingFaceTokenizer plain, Pattern markers, byte[][] bytes) {
    this.template = template;
    this.plain = plain;
    this.markers = markers;
    this.bytes = bytes;
  }

  /**
   * @param file tokenizer.json
   * @param template strings of the prompt template: added tokens that occur in them are markers, so
   *     callers' texts must not make them
   * @param shown special tokens that decode to their own text; the others decode to nothing
   */
  public static HuggingFaceTextTokenizer read(Path file, List<String> template, Set<String> shown)
      throws IOException {
    NativeTokenizers.prepare();
    String json = Files.readString(file);
    ObjectNode root = (ObjectNode) new ObjectMapper().readTree(json);
    if (!hasByteLevelDecoder(root.path("decoder"))) {
      throw new IOException(
          file + ": decoder is " + root.path("decoder") + ", expected a byte-level one");
    }
    byte[][] bytes = tokenBytes(root, shown);
    ObjectNode withoutMarkers = root.deepCopy();
    List<String> markers = new ArrayList<>();
    for (JsonNode token : withoutMarkers.path("added_tokens")) {
      String content = token.path("content").asText();
      if (token.path("special").asBoolean()
          || template.stream().anyMatch(part -> part.contains(content))) {
        // Removing it would move the ids of those behind it; a text that nobody can guess is never
        // met.
        ((ObjectNode) token).put("content", UUID.randomUUID().toString());
        markers.add(content);
      }
    }
    withoutMarkers.putNull(
        "post_processor"); // it may name tokens that are gone, and adds none here
    return new HuggingFaceTextTokenizer(
        open(json), open(withoutMarkers.toString()), anyOf(markers), bytes);
  }

  /** The longest first, as a tokenizer finds them. */
  private static Pattern anyOf(List<String> markers) {
    return Pattern.compile(
        markers.stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(Pattern::quote)
            .reduce((one, other) -> one + "|" + other)
            .orElse("(?!)"));
  }

  private static HuggingFaceTokenizer open(String json) throws IOException {
    Map<String, String> options = Map.of("addSpecialTokens", "false", "truncation", "false");
    return HuggingFaceTokenizer.newInstance(
        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), options);
  }

  private static boolean hasByteLevelDecoder(JsonNode decoder) {
    if (decoder.path("type").asText().equals("ByteLevel")) {
      return true;
    }
    for (JsonNode part : decoder.path("decoders")) {
      if (hasByteLevelDecoder(part)) {
        return true;
      }
    }
    return false;
  }

  private static byte[][] tokenBytes(JsonNode root, Set<String> shown) {
    Map<Integer, byte[]> byId = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.path("model").path("vocab").properties()) {
      byId.put(entry.getValue().asInt(), ByteLevelAlphabet.bytes(entry.getKey()));
    }
    for (JsonNode token : root.path("added_tokens")) {
      String content = token.path("content").asText();
      boolean hidden = token.path("special").asBoolean() && !shown.contains(content);
      byId.put(
          token.path("id").asInt(),
          hidden ? new byte[0] : content.getBytes(StandardCharsets.UTF_8));
    }
    int size = byId.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
    byte[][] bytes = new byte[size][];
    byId.forEach((id, value) -> bytes[id] = value);
    return bytes;
  }

  @Override
  public int[] encode(String text) {
    return ids(template, text);
  }

  @Override
  public int[] encodePlain(String text) {
    return ids(plain, text);
  }

  @Override
  public int[] encode(List<Piece> pieces) {
    IntStream.Builder all = IntStream.builder();
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      int begin = 0;
      if (piece.template()) {
        Matcher marker = markers.matcher(piece.text());
        while (marker.find()) {
          text.append(piece.text(), begin, marker.start());
          IntStream.of(encodePlain(text.toString())).forEach(all);
          text.setLength(0);
          IntStream.of(encode(marker.group())).forEach(all);
          begin = marker.end();
        }
      }
      text.append(piece.text(), begin, piece.text().length());
    }
    IntStream.of(encodePlain(text.toString())).forEach(all);
    return all.build().toArray();
  }

  @Override
  public TextStream stream() {
    return new Utf8TextStream(bytes);
  }

  @Override
  public void close() {
    template.close();
    plain.close();
  }

  private static int[] ids(HuggingFaceTokenizer tokenizer, String text) {
    if (text.isEmpty()) {
      return new int[0];
    }
    long[] ids = tokenizer.encode(text, false, false).getIds();
    int[] narrow = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      narrow[i] = Math.toIntExact(ids[i]);
    }
    return narrow;
  }
}
