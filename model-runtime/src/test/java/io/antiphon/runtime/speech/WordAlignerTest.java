package io.antiphon.runtime.speech;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.runtime.manifest.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the times that {@code antiphon.word_alignment} gives. */
class WordAlignerTest {
  static Stream<Arguments> cases() throws IOException {
    try (InputStream file = WordAlignerTest.class.getResourceAsStream("/word-alignment.json")) {
      JsonNode json = new ObjectMapper().readTree(file);
      WordAligner aligner =
          new WordAligner(
              new Manifest.WordTimes(
                  json.path("characters").asText(), json.path("beginOffsetMillis").asInt()));
      List<Arguments> cases = new ArrayList<>();
      json.path("cases")
          .forEach(each -> cases.add(Arguments.of(each.path("words"), each, aligner)));
      return cases.stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void timesAreThoseOfTheReference(JsonNode words, JsonNode expected, WordAligner aligner) {
    float[] scores = new float[expected.path("scores").size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) expected.path("scores").get(i).asDouble();
    }
    List<String> text = new ArrayList<>();
    words.forEach(word -> text.add(word.asText()));

    List<WordAligner.WordTime> times = aligner.align(scores, text);

    assertThat(times.stream().map(each -> List.of(each.beginMillis(), each.endMillis())).toList())
        .isEqualTo(
            new ObjectMapper()
                .convertValue(
                    expected.path("times"),
                    new com.fasterxml.jackson.core.type.TypeReference<List<List<Integer>>>() {}));
  }
}
