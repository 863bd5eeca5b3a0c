package io.antiphon.benchmarks.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.benchmarks.BenchmarkException;
import io.antiphon.runtime.manifest.Manifest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The reference implementation's own class, decoding in a Python process of its own whenever it is
 * told to; idle in between.
 */
public final class ReferenceProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int END_SECONDS = 10;

  private final Process process;
  private final BufferedReader answers;
  private final Writer orders;
  private final String versions;

  /**
   * Starts it; returns when the model is loaded.
   *
   * @param checkout of the reference implementation
   * @param checkpoint in the released layout
   * @param folder for the prompts' files
   */
  public ReferenceProcess(
      Path python,
      Path script,
      Path checkout,
      Path checkpoint,
      Path folder,
      List<SpokenPrompt> prompts,
      Manifest manifest,
      int mostSteps)
      throws IOException {
    Path file = write(folder, prompts, manifest, mostSteps);
    ProcessBuilder builder =
        new ProcessBuilder(
            python.toString(),
            script.toString(),
            checkout.toString(),
            checkpoint.toString(),
            file.toString());
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    orders = process.outputWriter(StandardCharsets.UTF_8);
    JsonNode ready = read();
    versions =
        "torch "
            + ready.path("torch").asText()
            + ", transformers "
            + ready.path("transformers").asText();
  }

  private static Path write(
      Path folder, List<SpokenPrompt> prompts, Manifest manifest, int mostSteps)
      throws IOException {
    ArrayNode list = JSON.createArrayNode();
    for (SpokenPrompt prompt : prompts) {
      Path mel = folder.resolve("mel" + list.size());
      ByteBuffer bytes =
          ByteBuffer.allocate(prompt.mel().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(prompt.mel());
      Files.write(mel, bytes.array());
      ObjectNode node = list.addObject();
      node.put("mel", mel.toString())
          .put("bins", manifest.audio().melBins())
          .put("frames", prompt.frames())
          .put("samples", prompt.samples())
          .put("limit", mostSteps);
      node.set("ids", JSON.valueToTree(prompt.ids(manifest.textIds().audio())));
    }
    Path file = folder.resolve("prompts.json");
    Files.writeString(file, list.toString());
    return file;
  }

  public String versions() {
    return versions;
  }

  /**
   * Decodes all prompts once, one after the other.
   *
   * @return {@code {text, speech, steps, seconds, cpuSeconds}} of each
   */
  public JsonNode decode() throws IOException {
    orders.write("\n");
    orders.flush();
    return read().path("answers");
  }

  private JsonNode read() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new BenchmarkException("the reference implementation ended; what it said stands above");
    }
    return JSON.readTree(line);
  }

  @Override
  public void close() throws IOException {
    orders.close();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
