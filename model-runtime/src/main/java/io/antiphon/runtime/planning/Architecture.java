package io.antiphon.runtime.planning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.configuration.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many numbers a model has and how many of them a position reads, from a checkpoint's {@code
 * config.json}.
 *
 * @param llmWeights of the shared LLM's layers and of its head over the vocabulary
 * @param llmActive of these, what one position reads: fewer in a mixture of experts
 * @param headWeights of the refined head's layers, read once for each of the k passes
 * @param embeddingWeights of text embeddings and speech codebook, of which a step reads single rows
 * @param encoderWeights of the speech encoder
 * @param llmCacheValues keys and values of one position in the shared LLM
 * @param headCacheValues keys and values of one entry in the refined head
 * @param groupSize k, entries of the refined head for each position
 * @param headWindow entries that the refined head keeps, 0 when it keeps all
 */
public record Architecture(
    long llmWeights,
    long llmActive,
    long headWeights,
    long embeddingWeights,
    long encoderWeights,
    long llmCacheValues,
    long headCacheValues,
    int groupSize,
    int headWindow) {

  private static final String FILE = "config.json";

  /** Numbers of one transformer: its layers and what a position caches. */
  private record Transformer(long layers, long active, long cacheValues) {}

  /**
   * @param folder of a checkpoint or bundle
   * @throws ConfigurationException naming every problem of its config.json
   */
  public static Architecture read(Path folder) {
    Path file = folder.resolve(FILE);
    List<String> problems = new ArrayList<>();
    JsonNode root = new ObjectMapper().missingNode();
    try {
      root = new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      problems.add("cannot be read as JSON: " + e.getMessage() + "; expected the checkpoint's");
    }
    JsonNode text = root.path("text_config");
    JsonNode audio = root.path("audio_config");
    JsonNode crq = audio.path("crq_transformer_config");
    Transformer llm = problems.isEmpty() ? transformer("text_config", text, problems) : null;
    Transformer head =
        problems.isEmpty()
            ? transformer("audio_config.crq_transformer_config", crq, problems)
            : null;
    if (llm == null || head == null || !problems.isEmpty()) {
      throw new ConfigurationException(file.toString(), problems);
    }
    long hidden = text.path("hidden_size").asLong();
    long vocabulary = text.path("vocab_size").asLong();
    long codebook = audio.path("codebook_size").asLong();
    long width = audio.path("d_model").asLong();
    long encoderLayer = 4 * width * width + 2 * width * audio.path("encoder_ffn_dim").asLong();
    boolean windowed = crq.path("use_sliding_window").asBoolean(false);
    return new Architecture(
        llm.layers + vocabulary * hidden,
        llm.active + vocabulary * hidden,
        head.layers + crq.path("hidden_size").asLong() * codebook,
        vocabulary * hidden + codebook * hidden,
        audio.path("encoder_layers").asLong() * encoderLayer,
        llm.cacheValues,
        head.cacheValues,
        audio.path("group_size").asInt(1),
        windowed ? crq.path("sliding_window").asInt(0) : 0);
  }

  private static @Nullable Transformer transformer(
      String name, JsonNode json, List<String> problems) {
    for (String key :
        List.of(
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "intermediate_size")) {
      if (json.path(key).asLong() < 1) {
        problems.add(name + "." + key + " is " + json.path(key) + ", expected a number above 0");
      }
    }
    if (!problems.isEmpty()) {
      return null;
    }
    long hidden = json.path("hidden_size").asLong();
    long heads = json.path("num_attention_heads").asLong();
    long keys = json.path("num_key_value_heads").asLong();
    long size = json.path("head_dim").asLong(hidden / heads);
    long layers = json.path("num_hidden_layers").asLong();
    long attention = hidden * size * (2 * heads + 2 * keys);
    long experts = json.path("num_experts").asLong(0);
    long feedForward = 3 * hidden * json.path("intermediate_size").asLong();
    long all = feedForward;
    long active = feedForward;
    if (experts > 0) {
      long expert = 3 * hidden * json.path("moe_intermediate_size").asLong();
      all = experts * expert + hidden * experts;
      active = json.path("num_experts_per_tok").asLong() * expert + hidden * experts;
    }
    return new Transformer(
        layers * (attention + all), layers * (attention + active), 2 * layers * keys * size);
  }

  /** Entries of the refined head's cache with so many positions. */
  long headEntries(int positions) {
    long all = (long) positions * groupSize;
    return headWindow == 0 ? all : Math.min(all, headWindow);
  }

  /** Values of both caches of a conversation with so many positions. */
  long cacheValues(int positions) {
    return positions * llmCacheValues + (long) positions * groupSize * headCacheValues;
  }

  long weights() {
    return llmWeights + headWeights + embeddingWeights + encoderWeights;
  }
}
