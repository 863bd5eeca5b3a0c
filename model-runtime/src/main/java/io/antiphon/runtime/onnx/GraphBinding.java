package io.antiphon.runtime.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/**
 * A graph's inputs and outputs, bound once to rows of tensors that exist already, for any number of
 * runs. Not thread safe; several bindings of one session run at once.
 */
public final class GraphBinding implements AutoCloseable {
  /** An input in the processor's memory: a graph on another device copies it when it is bound. */
  private record HostInput(String name, Pointer value) {}

  private final Pointer binding;
  private final CInterface.Run run;
  private final boolean onHost;
  private final List<HostInput> hostInputs = new ArrayList<>();
  private final List<Pointer> values = new ArrayList<>();

  /** Their memory lives as long as this. */
  private final List<RowTensor> tensors = new ArrayList<>();

  /**
   * @param session closed after this
   * @param onHost whether the session computes on the processor
   */
  public GraphBinding(OrtSession session, boolean onHost) throws OrtException {
    this.binding = CInterface.binding(session);
    this.run = new CInterface.Run(session, binding);
    this.onHost = onHost;
  }

  /**
   * Binds rows {@code start ... start + count} as an input.
   *
   * @throws OrtException when the graph has no such input, or one of another type
   */
  public GraphBinding input(String name, RowTensor tensor, int start, int count)
      throws OrtException {
    Pointer value = value(tensor, start, count);
    CInterface.bindInput(binding, name, value);
    if (!onHost && tensor.onHost()) {
      hostInputs.add(new HostInput(name, value));
    }
    return this;
  }

  /**
   * Binds rows {@code start ... start + count} to take an output.
   *
   * @throws OrtException when the graph has no such output
   */
  public GraphBinding output(String name, RowTensor tensor, int start, int count)
      throws OrtException {
    CInterface.bindOutput(binding, name, value(tensor, start, count));
    return this;
  }

  private Pointer value(RowTensor tensor, int start, int count) throws OrtException {
    Pointer value = tensor.value(start, count);
    values.add(value);
    tensors.add(tensor);
    return value;
  }

  /** Runs the graph on what is in the tensors now. */
  public void run() throws OrtException {
    for (HostInput input : hostInputs) {
      CInterface.bindInput(binding, input.name(), input.value());
    }
    run.run();
  }

  @Override
  public void close() {
    CInterface.releaseBinding(binding);
    values.forEach(CInterface::releaseValue);
    values.clear();
    tensors.clear();
  }
}
