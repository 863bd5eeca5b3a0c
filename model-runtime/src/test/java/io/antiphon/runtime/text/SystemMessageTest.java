package io.antiphon.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.manifest.GenerationMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shipped model gets the system messages that it was trained with: those of {@code
 * antiphon.data.prompt}, whose tests read the same cases.
 */
class SystemMessageTest {
  private static Bundle nano;

  @BeforeAll
  static void load() {
    nano = Bundle.load(Path.of("..", "models", "nano"));
  }

  @AfterAll
  static void close() {
    nano.close();
  }

  static Stream<JsonNode> cases() throws IOException {
    try (InputStream file = SystemMessageTest.class.getResourceAsStream("/system-messages.json")) {
      List<JsonNode> cases = new ArrayList<>();
      new ObjectMapper().readTree(file).forEach(cases::add);
      return cases.stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void messagesAreThoseOfTraining(JsonNode given) {
    List<String> tools = new ArrayList<>();
    given.path("tools").forEach(tool -> tools.add(tool.textValue()));

    List<PromptSegment> message =
        nano.prompts()
            .system(
                GenerationMode.valueOf(given.path("mode").textValue().toUpperCase(Locale.ROOT)),
                given.path("instructions").textValue(),
                tools);

    assertThat(message).hasSize(1);
    assertThat(((PromptSegment.Text) message.get(0)).ids())
        .isEqualTo(nano.tokenizer().encode(given.path("message").textValue()));
  }
}
