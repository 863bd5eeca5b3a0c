package io.antiphon.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.TextResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Python module of the documents and this one read each other. Needs fastavro in {@code
 * python3}, or in the interpreter that {@code ANTIPHON_PYTHON} names.
 */
class PythonClientTest {
  private static final Path MODULE = Path.of("../docs/clients/python/antiphon_records.py");
  private static final String SCHEMAS = "../kafka-schemas/src/main/resources/io/antiphon/schemas";

  @TempDir Path folder;

  private static String python() {
    String named = System.getenv("ANTIPHON_PYTHON");
    return named == null ? "python3" : named;
  }

  @BeforeEach
  void requireFastavro() throws Exception {
    String problem;
    try {
      Process process =
          new ProcessBuilder(python(), "-c", "import fastavro").redirectErrorStream(true).start();
      problem = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() == 0) {
        return;
      }
    } catch (IOException e) {
      problem = e.getMessage();
    }
    String reason = "Skipped: " + python() + " has no fastavro: " + problem.strip();
    System.out.println(reason);
    assumeTrue(false, reason);
  }

  private byte[] run(byte[] input, String... arguments) throws Exception {
    Path in = Files.write(folder.resolve("in"), input);
    Path out = folder.resolve("out");
    List<String> command = new ArrayList<>(List.of(python(), MODULE.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor()).isZero();
    return Files.readAllBytes(out);
  }

  @Test
  void pythonReadsWhatJavaWrites() throws Exception {
    byte[] value = Records.encode(new TextResponse("c", 1, 2L, new TextDelta("grüß", 40L)));
    JsonNode read = new ObjectMapper().readTree(run(value, "decode", SCHEMAS));
    assertThat(read.get("conversationId").asText()).isEqualTo("c");
    assertThat(read.get("body").get(0).asText()).isEqualTo("io.antiphon.schemas.TextDelta");
    assertThat(read.get("body").get(1).get("text").asText()).isEqualTo("grüß");
  }

  @Test
  void javaReadsWhatPythonWrites() throws Exception {
    String fields =
        """
        {"conversationId": "c", "sequence": 3, "time": 4,
         "body": ["io.antiphon.schemas.TextMessage", {"text": "grüß dich"}]}
        """;
    byte[] value =
        run(fields.getBytes(StandardCharsets.UTF_8), "encode", SCHEMAS, "ConversationEvent");
    assertThat(Records.decodeConversationEvent(value))
        .isEqualTo(new ConversationEvent("c", 3L, 4L, 0, new TextMessage("grüß dich")));
  }

  @Test
  void pythonSkipsWhatALaterReleaseWrote() throws Exception {
    byte[] read = run(LaterRelease.bytes("text-with-later-body"), "decode", SCHEMAS);
    assertThat(new String(read, StandardCharsets.UTF_8).strip()).isEqualTo("null");
  }
}
