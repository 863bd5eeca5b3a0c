package io.antiphon.analytics.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.Participant;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.figures.Interruption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesTest {
  private static final List<Participant> PARTICIPANTS =
      List.of(
          new Participant("", Participant.AGENT, 0), new Participant("", Participant.CUSTOMER, 1));

  private static final String RULES =
      """
      {"version": "7", "categories": [
        {"name": "cancel", "when": {"said": {"phrases": ["cancel my contract", "cancel the *"], "by": "CUSTOMER"}}},
        {"name": "no greeting", "when": {"notSaid": {"phrases": ["thank you for calling"], "by": "AGENT", "withinMillis": 5000}}},
        {"name": "twice", "when": {"near": {"first": ["charged"], "second": ["twice", "again"], "words": 2}}},
        {"name": "goodbye", "when": {"said": {"phrases": ["goodbye"], "atEndMillis": 3000}}},
        {"name": "greeted", "when": {"said": {"phrases": ["hello"], "atBeginMillis": 2000}}},
        {"name": "unhappy", "when": {"sentiment": {"by": "CUSTOMER", "atMost": -2, "times": 2}}},
        {"name": "left alone", "when": {"silence": {"longerThanMillis": 8000}}},
        {"name": "rude", "when": {"interruption": {"by": "AGENT", "longerThanMillis": 900}}},
        {"name": "lost", "when": {"all": [{"said": {"phrases": ["cancel the *"]}}, {"not": {"said": {"phrases": ["offer"], "by": "AGENT"}}}]}},
        {"name": "either", "when": {"any": [{"silence": {"longerThanMillis": 60000}}, {"said": {"phrases": ["hello"]}}]}}
      ]}
      """;

  @Test
  void categoriesFitWithTheirPoints() throws RuleSetException {
    RuleEvaluator evaluator = new RuleEvaluator(RuleSetReader.read(RULES), PARTICIPANTS);
    evaluator.utterance(said("AGENT", 1000, "Hello, how can I help?", 1));
    assertThat(names(evaluator.newMatches())).containsExactly("greeted", "either");
    evaluator.utterance(said("CUSTOMER", 4000, "I want to CANCEL the contract.", -3));
    assertThat(names(evaluator.newMatches())).containsExactly("cancel");
    evaluator.reached(4999);
    assertThat(evaluator.newMatches()).isEmpty();
    evaluator.reached(5000);
    assertThat(names(evaluator.newMatches())).containsExactly("no greeting");
    evaluator.utterance(said("CUSTOMER", 8000, "you charged me for it twice", -2));
    evaluator.utterance(said("AGENT", 12_000, "thank you for calling goodbye", 1));
    evaluator.figures(
        new CallFigures(
            30_000,
            List.of(),
            0,
            0,
            List.of(new Interval(15_000, 24_000), new Interval(26_000, 30_000)),
            0,
            0,
            List.of(new Interruption(0, new Interval(100, 1100)))));
    evaluator.utterance(said("CUSTOMER", 28_000, "goodbye", 0));
    evaluator.end(30_000);
    assertThat(names(evaluator.matches()))
        .containsExactly(
            "cancel",
            "no greeting",
            "goodbye",
            "greeted",
            "unhappy",
            "left alone",
            "rude",
            "lost",
            "either");
    assertThat(evaluator.matches())
        .contains(
            new CategoryMatch("cancel", List.of(new Interval(4300, 4600))),
            new CategoryMatch("no greeting", List.of()),
            new CategoryMatch("goodbye", List.of(new Interval(28_000, 28_100))),
            new CategoryMatch("left alone", List.of(new Interval(15_000, 24_000))));
  }

  @Test
  void tellsAllProblemsAtOnce() {
    RuleSetException refused =
        catchThrowableOfType(
            RuleSetException.class,
            () ->
                RuleSetReader.read(
                    """
                    {"versoin": 1, "categories": [
                      {"name": "a", "when": {"said": {"phrases": []}}},
                      {"name": "a", "when": {"silence": {"longerThanMillis": -1}}},
                      {"name": "b", "when": {"shouted": {}}},
                      {"name": "c", "when": {"sentiment": {"atMost": 9}}}
                    ]}
                    """));
    assertThat(refused.problems())
        .hasSize(7)
        .anySatisfy(problem -> assertThat(problem).contains("versoin"))
        .anySatisfy(problem -> assertThat(problem).contains("version is missing"))
        .anySatisfy(
            problem -> assertThat(problem).contains("categories[0].when.said.phrases is []"))
        .anySatisfy(problem -> assertThat(problem).contains("categories[1].name is \"a\""))
        .anySatisfy(
            problem ->
                assertThat(problem)
                    .contains("categories[1].when.silence.longerThanMillis is -1, expected"))
        .anySatisfy(problem -> assertThat(problem).contains("shouted"))
        .anySatisfy(problem -> assertThat(problem).contains("atMost is 9"));
    assertThat(
            catchThrowableOfType(RuleSetException.class, () -> RuleSetReader.read("{")).problems())
        .hasSize(1);
  }

  private static List<String> names(List<CategoryMatch> matches) {
    return matches.stream().map(CategoryMatch::name).toList();
  }

  private static SpokenUtterance said(String role, long begin, String text, double score) {
    List<Word> words = new ArrayList<>();
    for (String word : text.split(" ")) {
      long from = begin + 100L * words.size();
      words.add(new Word(word, from, from + 100));
    }
    return new SpokenUtterance(
        role, new Interval(begin, begin + 100L * words.size()), words, score);
  }
}
