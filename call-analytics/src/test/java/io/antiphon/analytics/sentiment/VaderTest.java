package io.antiphon.analytics.sentiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.sentiment.Sentiment.Evidence;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class VaderTest {
  @Test
  void givesTheScoresOfTheOriginal() throws IOException {
    int sentences = 0;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(VaderTest.class.getResourceAsStream("sentences.tsv")),
                StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] columns = line.split("\t");
        Sentiment sentiment = Vader.DEFAULT.sentiment(columns[0]);
        assertThat(
                new double[] {
                  sentiment.negative(),
                  sentiment.neutral(),
                  sentiment.positive(),
                  sentiment.compound()
                })
            .as(columns[0])
            .containsExactly(
                Double.parseDouble(columns[1]),
                Double.parseDouble(columns[2]),
                Double.parseDouble(columns[3]),
                Double.parseDouble(columns[4]));
        sentences++;
      }
    }
    assertThat(sentences).isEqualTo(700);
  }

  @Test
  void namesTheWordsThatMadeIt() {
    assertThat(Vader.DEFAULT.sentiment("I am not happy, thank you").words())
        .containsExactly(new Evidence(3, "happy", -1.998), new Evidence(4, "thank", -1.11));
  }

  @Test
  void quartersEndWithTheLastUtteranceOfTheParticipant() {
    SentimentTrack track = new SentimentTrack();
    track.utterance(0, 900, 2);
    track.utterance(1000, 1400, -4);
    track.utterance(1400, 1500, -1);
    track.utterance(3900, 4000, 3);
    assertThat(track.overall()).isEqualTo(0.0);
    assertThat(track.quarters())
        .containsExactly(
            new SentimentTrack.Quarter(0, 1000, 2.0),
            new SentimentTrack.Quarter(1000, 2000, -2.5),
            new SentimentTrack.Quarter(2000, 3000, null),
            new SentimentTrack.Quarter(3000, 4000, 3.0));
  }
}
