package io.antiphon.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Everything is closed, whatever one part throws. */
class ClosingTest {
  @Test
  void everyPartIsClosedAndEveryFailureTold() {
    List<String> closed = new ArrayList<>();
    List<AutoCloseable> parts =
        List.of(
            () -> {
              throw new IOException("the detokenizer's graph");
            },
            () -> closed.add("engine"),
            () -> {
              throw new IllegalStateException("the encoder's graph");
            },
            () -> closed.add("bundle"));
    assertThatThrownBy(() -> Closing.all(parts, "a part cannot be closed"))
        .hasRootCauseMessage("the detokenizer's graph")
        .satisfies(
            error ->
                assertThat(error.getSuppressed())
                    .singleElement()
                    .extracting(Throwable::getMessage)
                    .isEqualTo("the encoder's graph"));
    assertThat(closed).containsExactly("engine", "bundle");
  }
}
