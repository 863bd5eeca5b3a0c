package io.antiphon.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.Device;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Runs on bound tensors give what ONNX Runtime's own Java interface gives, wherever the tensors
 * lie. The graph moves entries of rows.
 */
class GraphBindingTest {
  private static final int ROWS = 5;
  private static final int HEADS = 2;
  private static final int ENTRIES = 7;
  private static final int SIZE = 3;
  private static final int ROW = HEADS * ENTRIES * SIZE;

  private final SlotTensor rows = SlotTensor.batch(OnnxJavaType.FLOAT, ROWS, HEADS, ENTRIES, SIZE);
  private final SlotTensor entries = SlotTensor.batch(OnnxJavaType.INT64, ENTRIES);
  private final SlotTensor moved = SlotTensor.batch(OnnxJavaType.FLOAT, ROWS, HEADS, ENTRIES, SIZE);
  private OrtSession session;

  @BeforeEach
  void open() throws Exception {
    byte[] graph;
    try (InputStream stream = getClass().getResourceAsStream("../llm/move-entries.onnx")) {
      graph = stream.readAllBytes();
    }
    session = new OnnxSessions(Device.CPU, 1, false).openOnce("move-entries", graph);
    Random random = new Random(4);
    for (int i = 0; i < ROWS * ROW; i++) {
      rows.floats().put(i, random.nextFloat());
    }
    for (int i = 0; i < ENTRIES; i++) {
      entries.longs().put(i, (i + 3) % ENTRIES);
    }
  }

  @AfterEach
  void close() throws OrtException {
    session.close();
  }

  @Test
  void aBoundRunGivesWhatTheJavaInterfaceGives() throws Exception {
    for (int start = 0; start < ROWS; start++) {
      for (int count = 1; start + count <= ROWS; count++) {
        try (GraphBinding binding = new GraphBinding(session, true)) {
          binding
              .input("rows", rows, start, count)
              .input("entries", entries, 0, ENTRIES)
              .output("moved", moved, 0, count)
              .run();
        }
        assertThat(floats(moved, count * ROW)).isEqualTo(official(start, count));
      }
    }
  }

  @Test
  void aBindingReadsWhatIsInTheTensorsNow() throws Exception {
    try (GraphBinding binding = new GraphBinding(session, true)) {
      binding
          .input("rows", rows, 1, 2)
          .input("entries", entries, 0, ENTRIES)
          .output("moved", moved, 0, 2)
          .run();
      for (int i = 0; i < ROWS * ROW; i++) {
        rows.floats().put(i, i);
      }
      entries.longs().put(0, 0);
      binding.run();
      assertThat(floats(moved, 2 * ROW)).isEqualTo(official(1, 2));
    }
  }

  @Test
  void rowsOfTheDevicesMemoryAreWrittenAndReadWhereTheyLie() throws Exception {
    try (DeviceMemory memory = new DeviceMemory(session, Device.CPU);
        DeviceTensor device = memory.allocate(OnnxJavaType.FLOAT, ROWS, HEADS, ENTRIES, SIZE)) {
      // Row 3 goes to row 1 of the device, from there to its row 4, and comes back.
      move(rows, 3, device, 1);
      move(device, 1, device, 4);
      move(device, 4, moved, 0);
      float[] expected = floats(rows, ROWS * ROW);
      for (int head = 0; head < HEADS; head++) {
        for (int entry = 0; entry < ENTRIES; entry++) {
          for (int i = 0; i < SIZE; i++) {
            assertThat(moved.floats().get((head * ENTRIES + entry) * SIZE + i))
                .isEqualTo(expected[3 * ROW + (head * ENTRIES + (entry + 9) % ENTRIES) * SIZE + i]);
          }
        }
      }
    }
  }

  @Test
  void newMemoryOfTheTestsMeansNothing() throws Exception {
    try (DeviceMemory memory = new DeviceMemory(session, Device.CPU);
        DeviceTensor device = memory.allocate(OnnxJavaType.FLOAT, ROWS, HEADS, ENTRIES, SIZE)) {
      move(device, 2, moved, 0);
      for (float value : floats(moved, ROW)) {
        assertThat(value).isNaN();
      }
    }
  }

  @Test
  void aTensorMayBeLargerThanTwoGibibytes() throws Exception {
    long before = DeviceMemory.allocatedOnHost();
    try (DeviceMemory memory = new DeviceMemory(session, Device.CPU)) {
      int many = Math.toIntExact((3L << 30) / (ROW * 4L)) + 2;
      try (DeviceTensor device =
          new DeviceTensor(memory, OnnxJavaType.FLOAT, many, false, HEADS, ENTRIES, SIZE)) {
        assertThat(device.sizeInBytes()).isGreaterThan(3L << 30);
        assertThat(DeviceMemory.allocatedOnHost() - before).isEqualTo(device.sizeInBytes());
        // Only the pages of the last row are touched.
        move(rows, 0, device, many - 1);
        move(device, many - 1, moved, 0);
        move(rows, 0, moved, 1);
        move(moved, 1, moved, 2);
        assertThat(floats(moved, ROW)).isEqualTo(copy(moved, 2 * ROW, ROW));
      }
      assertThat(DeviceMemory.allocatedOnHost()).isEqualTo(before);
    }
  }

  @Test
  void whatTheGraphDoesNotHaveIsToldByName() throws Exception {
    try (GraphBinding binding = new GraphBinding(session, true)) {
      assertThatThrownBy(() -> binding.input("columns", rows, 0, 1))
          .isInstanceOf(OrtException.class)
          .hasMessageContaining("columns");
    }
    try (GraphBinding binding = new GraphBinding(session, true)) {
      binding.input("rows", rows, 0, 1).output("moved", moved, 0, 1);
      assertThatThrownBy(binding::run)
          .isInstanceOf(OrtException.class)
          .hasMessageContaining("entries");
    }
  }

  private void move(RowTensor from, int row, RowTensor to, int target) throws OrtException {
    try (GraphBinding binding = new GraphBinding(session, true)) {
      binding
          .input("rows", from, row, 1)
          .input("entries", entries, 0, ENTRIES)
          .output("moved", to, target, 1)
          .run();
    }
  }

  private float[] official(int start, int count) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    LongBuffer index = entries.longs();
    try (OnnxTensor in =
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(copy(rows, start * ROW, count * ROW)),
                new long[] {count, HEADS, ENTRIES, SIZE});
        OnnxTensor at = OnnxTensor.createTensor(environment, index, new long[] {ENTRIES});
        OrtSession.Result result = session.run(Map.of("rows", in, "entries", at))) {
      float[] values = new float[count * ROW];
      ((OnnxTensor) result.get(0)).getFloatBuffer().get(values);
      return values;
    }
  }

  private static float[] floats(SlotTensor tensor, int count) {
    return copy(tensor, 0, count);
  }

  private static float[] copy(SlotTensor tensor, int begin, int count) {
    float[] values = new float[count];
    tensor.floats().get(begin, values);
    return values;
  }
}
