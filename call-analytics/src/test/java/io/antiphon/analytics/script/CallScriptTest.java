package io.antiphon.analytics.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.figures.FiguresAccumulator;
import io.antiphon.analytics.figures.FiguresSettings;
import io.antiphon.analytics.script.CallScript.Line;
import org.junit.jupiter.api.Test;

class CallScriptTest {
  @Test
  void thePlannedEventsAreTheFiguresOfItsSegments() {
    int interruptions = 0;
    for (int seed = 0; seed < 300; seed++) {
      CallScript script = CallScriptGenerator.script(seed, 40, seed % 4);
      FiguresAccumulator figures = new FiguresAccumulator(2, FiguresSettings.DEFAULT);
      for (Line line : script.utterances()) {
        figures.segment(line.channel(), line.interval());
      }
      for (Interval hold : script.holds()) {
        figures.hold(hold.beginMillis(), true);
        figures.hold(hold.endMillis(), false);
      }
      CallFigures closed = figures.close(script.durationMillis());
      assertThat(closed.interruptions())
          .as("seed " + seed)
          .containsExactlyInAnyOrderElementsOf(script.interruptions());
      assertThat(closed.channels().stream().mapToInt(each -> each.backchannels()).sum())
          .isEqualTo(script.backchannels());
      assertThat(closed.channels().stream().mapToInt(each -> each.earlyReplies()).sum())
          .isEqualTo(script.earlyReplies());
      interruptions += script.interruptions().size();
    }
    assertThat(interruptions).isGreaterThan(300);
  }

  @Test
  void theSameSeedMakesTheSameScript() {
    assertThat(CallScriptGenerator.script(7, 30, 5))
        .isEqualTo(CallScriptGenerator.script(7, 30, 5));
  }
}
