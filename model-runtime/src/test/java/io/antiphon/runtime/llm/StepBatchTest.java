package io.antiphon.runtime.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.text.PromptSegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepBatchTest {
  private static final long ID_NANOS = 40;

  private final StepBatch batch = new StepBatch();

  private static Generation generation() {
    GenerationRequest request =
        new GenerationRequest(1, 0, true, true, Sampling.GREEDY, Sampling.GREEDY, 5, List.of());
    return new Generation(
        request,
        null,
        new GenerationListener() {
          @Override
          public void onStep(GenerationStep step) {}

          @Override
          public void onFinished(GenerationEnd end) {}

          @Override
          public void onFailed(Throwable error) {}
        },
        0,
        ID_NANOS);
  }

  /** A context that decodes in a row. */
  private static Sequence inRow(int row) {
    PositionLog log = new PositionLog(99, 4);
    log.append(new PromptSegment.Text(new int[] {1, 2}));
    Sequence context = new Sequence(null, "row " + row, true, new SlidingWindow(1000, 5), log);
    context.generation = generation();
    log.decodeLast(context.generation);
    context.computed = 1;
    context.row = row;
    return context;
  }

  private List<Integer> rows() {
    batch.decide();
    batch.takeAlong();
    return batch.contexts().stream().map(context -> context.row).toList();
  }

  @Test
  void aRowTooFewTakesANeighbourIntoTheRangeThatRests() {
    for (int row : new int[] {0, 2, 3}) {
      batch.clear();
      batch.atLeast(2, 4);
      batch.due(inRow(row));

      assertThat(rows()).containsExactly(row);
      assertThat(batch.end() - batch.start()).isEqualTo(2);
      assertThat(batch.covers(row)).isTrue();
      assertThat(batch.start()).isNotNegative();
      assertThat(batch.end()).isLessThanOrEqualTo(4);
    }
    batch.clear();
    assertThat(batch.covers(3)).isFalse();
  }

  @Test
  void thoseThatLieBetweenGoAlong() {
    batch.due(inRow(1));
    batch.due(inRow(4));
    batch.ready(inRow(0));
    batch.ready(inRow(2));
    batch.ready(inRow(5));
    assertThat(rows()).containsExactly(1, 4, 2);
  }

  @Test
  void allGoAlongWithOneWhoseAudioRunsOut() {
    batch.running(inRow(3));
    batch.ready(inRow(0));
    batch.ready(inRow(6));
    assertThat(rows()).containsExactlyInAnyOrder(0, 3, 6);
  }

  @Test
  void nobodyGoesWhereNobodyHasTo() {
    batch.ready(inRow(0));
    assertThat(rows()).isEmpty();
    batch.due(inRow(2));
    assertThat(rows()).containsExactly(2);
  }

  @Test
  void audioLastsAsLongAsItsIdsNotItsGroups() {
    Generation generation = generation();
    generation.heard(100, 2);
    generation.heard(120, 5);
    assertThat(generation.playedOutNanos()).isEqualTo(100 + 7 * ID_NANOS);
  }
}
