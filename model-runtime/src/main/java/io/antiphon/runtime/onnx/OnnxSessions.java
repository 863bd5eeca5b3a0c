package io.antiphon.runtime.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.Device;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

/**
 * Opens graphs on one device. Sessions are opened by path, because their weights lie in files
 * beside the graph.
 */
public final class OnnxSessions {
  /** Bytes: more than any one tensor of a served model has in single precision. */
  private static final String LARGEST_FOLDED = Long.toString(64L << 30);

  private final Device device;
  private final int intraOpThreads;
  private final boolean spinning;

  /**
   * @throws ConfigurationException when the device's execution provider is not in the ONNX Runtime
   *     artifact
   */
  public OnnxSessions(Device device, int intraOpThreads, boolean spinning) {
    this.device = device;
    this.intraOpThreads = intraOpThreads;
    this.spinning = spinning;
    EnumSet<OrtProvider> available = OrtEnvironment.getAvailableProviders();
    if (device.kind() == Device.Kind.CUDA && !available.contains(OrtProvider.CUDA)) {
      throw new ConfigurationException(
          "Device",
          List.of(
              "device is '"
                  + device
                  + "', but ONNX Runtime here has only "
                  + available
                  + "; expected 'cpu', or a build with the Maven profile 'cuda'"));
    }
  }

  /**
   * @throws ConfigurationException when the graph cannot be loaded
   */
  public OrtSession open(Path graph) {
    return open(graph, true);
  }

  /**
   * Opens a graph whose weights are a large part of the machine's memory: what loading them needs
   * beside them goes back to the system at once, where it else would be kept for later runs.
   *
   * @throws ConfigurationException when the graph cannot be loaded
   */
  public OrtSession openOnce(Path graph) {
    return open(graph, false);
  }

  /**
   * Opens a graph that holds its weights itself.
   *
   * @param name for messages
   * @throws ConfigurationException when the graph cannot be loaded
   */
  public OrtSession open(String name, byte[] graph) {
    return open(
        name, true, options -> OrtEnvironment.getEnvironment().createSession(graph, options));
  }

  /**
   * The same for a graph without weights, which gives back at once what it needed.
   *
   * @param name for messages
   * @throws ConfigurationException when the graph cannot be loaded
   */
  public OrtSession openOnce(String name, byte[] graph) {
    return open(
        name, false, options -> OrtEnvironment.getEnvironment().createSession(graph, options));
  }

  /** Where the graphs run. */
  public Device device() {
    return device;
  }

  /** Whether the graphs compute on the processor. */
  public boolean onHost() {
    return device.kind() == Device.Kind.CPU;
  }

  private OrtSession open(Path graph, boolean arena) {
    return open(
        graph.toString(),
        arena,
        options -> OrtEnvironment.getEnvironment().createSession(graph.toString(), options));
  }

  /** Makes a session with options. */
  private interface Opening {
    OrtSession with(SessionOptions options) throws OrtException;
  }

  private OrtSession open(String name, boolean arena, Opening opening) {
    try (NativeCalls.Call call = NativeCalls.begin();
        SessionOptions options = new SessionOptions()) {
      options.setCPUArenaAllocator(arena);
      // Casts of constants above 1 GiB would be repeated in every run.
      options.addConfigEntry(
          "optimization.constant_folding_max_output_size_in_bytes", LARGEST_FOLDED);
      options.setIntraOpNumThreads(intraOpThreads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
      options.addConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
      if (device.kind() == Device.Kind.CUDA) {
        options.addCUDA(device.index());
      }
      return opening.with(options);
    } catch (OrtException e) {
      throw new ConfigurationException(
          "Graph " + name, List.of("cannot be loaded on " + device + ": " + e.getMessage()));
    }
  }
}
