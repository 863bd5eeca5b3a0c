package io.antiphon.runtime.llm;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.onnx.DeviceMemory;
import io.antiphon.runtime.onnx.DeviceTensor;
import io.antiphon.runtime.onnx.GraphBinding;
import io.antiphon.runtime.onnx.OnnxSessions;
import io.antiphon.runtime.onnx.SlotTensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Moves rows of a cache where they lie, by a graph of one {@code Gather} over their entries: the
 * one way that every execution provider has. Not thread safe.
 */
final class CacheMover implements AutoCloseable {
  /** Written by {@code python -m antiphon.export.move_entries}. */
  private static final String GRAPH = "move-entries.onnx";

  private final OrtSession session;
  private final OnnxSessions sessions;

  CacheMover(OnnxSessions sessions) {
    this.session = sessions.openOnce(GRAPH, graph());
    this.sessions = sessions;
  }

  private static byte[] graph() {
    try (InputStream graph = CacheMover.class.getResourceAsStream(GRAPH)) {
      return graph.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Memory of the device, closed before this. */
  DeviceMemory memory() throws OrtException {
    return new DeviceMemory(session, sessions.device());
  }

  /**
   * Moves a row {@code [heads, capacity, headSize]}.
   *
   * @param origins of each entry of the target, its place in the source
   */
  void move(DeviceTensor from, int row, SlotTensor origins, DeviceTensor to, int target)
      throws OrtException {
    try (GraphBinding binding = new GraphBinding(session, sessions.onHost())) {
      binding
          .input("rows", from, row, 1)
          .input("entries", origins, 0, origins.rows())
          .output("moved", to, target, 1)
          .run();
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
