package io.antiphon.benchmarks.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class OperatorTimesTest {
  @Test
  void sumsKernelsByOperatorAndDividesByRuns() throws Exception {
    String profile =
        """
        [{"name": "model_run", "dur": 9000, "args": {}},
         {"name": "a_kernel_time", "dur": 1000, "args": {"op_name": "Add"}},
         {"name": "b_kernel_time", "dur": 3000, "args": {"op_name": "MatMul"}},
         {"name": "b_fence_before", "dur": 500, "args": {"op_name": "MatMul"}},
         {"name": "c_kernel_time", "dur": 5000, "args": {"op_name": "MatMul"}}]
        """;
    assertThat(OperatorTimes.byOperator(new ObjectMapper().readTree(profile), 2))
        .containsExactly(Assertions.entry("MatMul", 4.0), Assertions.entry("Add", 0.5));
  }
}
