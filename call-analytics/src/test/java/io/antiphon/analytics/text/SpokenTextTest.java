package io.antiphon.analytics.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpokenTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          double four seven oh | 4470
          my number is oh seven seven double one nine triple zero | my number is 077119000
          forty one eleven twenty two oh two | 41112202
          one hundred and five | 105
          two thousand and five people | 2005 people
          three million four hundred thousand | 3400000
          four thousand one hundred and eleven | 4111
          a hundred times | 100 times
          nineteen eighty four | 1984
          the twenty first of march nineteen eighty | 21 March 1980
          on march third two thousand and one please | on 3 March 2001 please
          born third of the fourth eighty five | born 3 April 85
          march on and you may go | march on and you may go
          half past three | 3:30
          quarter to one | 12:45
          at six o'clock | at 6:00
          ten thirty p m then | 10:30 pm then
          twenty pounds fifty | £20.50
          thirty dollars and five cents | $30.05
          one hundred and fifty pounds | £150
          five euros | €5
          my email is john dot smith ninety nine at example dot com | my email is john.smith99@example.com
          write to j underscore doe at mail dot example dot co dot uk please | write to j_doe@mail.example.co.uk please
          s m i double t h | SMITTH
          s for sugar m for mother i t h | SMITH
          sierra mike india tango hotel | SMITH
          oh I see | oh I see
          I have a question for you | I have a question for you
          twenty third | 23rd
          two and three | 2 and 3
          meet me at home dot | meet me at home dot
          """)
  void writesWhatWasSpoken(String spoken, String written) {
    assertThat(SpokenText.written(spoken)).isEqualTo(written.replace("077119000", "077119000"));
  }
}
