package io.antiphon.analytics.speech;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.speech.PartialText.Revision;
import org.junit.jupiter.api.Test;

class PartialTextTest {
  @Test
  void tellsWhatTwoTextsHaveInCommonAndNeverTakesItBack() {
    PartialText text = new PartialText();
    assertThat(text.heard("I want")).isEmpty();
    assertThat(text.heard("I wanted to block")).contains(new Revision(0, "I", false));
    assertThat(text.heard("I wanted to block my car"))
        .contains(new Revision(1, "I wanted to block", false));
    assertThat(text.heard("I wanted two blocks my card")).isEmpty();
    assertThat(text.heard("I wanted two blocks my card please")).isEmpty();
    assertThat(text.complete("I wanted to block my card"))
        .isEqualTo(new Revision(2, "I wanted to block my card", true));
    assertThat(text.heard("and")).isEmpty();
    assertThat(text.heard("and so")).contains(new Revision(0, "and", false));
  }
}
