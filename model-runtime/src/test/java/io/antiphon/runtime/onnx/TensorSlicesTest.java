package io.antiphon.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Native tensors do not grow with the ranges of rows that have stepped together. */
class TensorSlicesTest {
  private static final int ROWS = 256;

  @Test
  void theRangesOfALongLifeAreClosedAndThePresentOnesKept() throws Exception {
    SlotTensor tensor = SlotTensor.batch(OnnxJavaType.FLOAT, ROWS, 3);
    List<OnnxTensor> all = new ArrayList<>();
    try (TensorSlices slices = new TensorSlices()) {
      OnnxTensor steady = slices.of(tensor, 0, 1);
      for (int start = 0; start < ROWS; start++) {
        for (int count = 1; start + count <= ROWS; count++) {
          slices.trim();
          assertThat(slices.of(tensor, 0, 1)).isSameAs(steady);
          all.add(slices.of(tensor, start, count));
        }
      }
      slices.trim();
      assertThat(all.stream().distinct()).hasSize(ROWS * (ROWS + 1) / 2);
      assertThat(all.stream().distinct().filter(slice -> !slice.isClosed()))
          .hasSize(TensorSlices.KEPT);
      assertThat(steady.isClosed()).isFalse();
      assertThat(all.get(all.size() - 1).isClosed()).isFalse();
    }
    assertThat(all).allMatch(OnnxTensor::isClosed);
  }

  @Test
  void whatOneGraphClosesIsNotAnothers() throws Exception {
    SlotTensor tensor = SlotTensor.batch(OnnxJavaType.INT64, 4);
    try (TensorSlices prefill = new TensorSlices()) {
      OnnxTensor kept = prefill.of(tensor, 1, 2);
      try (TensorSlices step = new TensorSlices()) {
        assertThat(step.of(tensor, 1, 2)).isNotSameAs(kept);
      }
      tensor.longs().put(2, 7);
      assertThat(kept.getLongBuffer().get(1)).isEqualTo(7);
    }
  }

  @Test
  void graphsOnTwoThreadsShareRowTensors() throws Exception {
    SlotTensor tensor = SlotTensor.batch(OnnxJavaType.INT64, 64);
    for (int row = 0; row < 64; row++) {
      tensor.longs().put(row, row);
    }
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<Boolean>> both = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        both.add(threads.submit(() -> everyRangeHoldsItsRows(tensor)));
      }
      for (Future<Boolean> one : both) {
        assertThat(one.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean everyRangeHoldsItsRows(SlotTensor tensor) throws Exception {
    try (TensorSlices slices = new TensorSlices()) {
      for (int start = 0; start < 64; start++) {
        for (int count = 1; start + count <= 64; count++) {
          OnnxTensor slice = slices.of(tensor, start, count);
          if (slice.getInfo().getShape()[0] != count
              || slice.getLongBuffer().get(count - 1) != start + count - 1) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
