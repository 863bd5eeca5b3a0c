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
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(intraOpThreads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
      options.addConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
      if (device.kind() == Device.Kind.CUDA) {
        options.addCUDA(device.index());
      }
      return OrtEnvironment.getEnvironment().createSession(graph.toString(), options);
    } catch (OrtException e) {
      throw new ConfigurationException(
          "Graph " + graph, List.of("cannot be loaded on " + device + ": " + e.getMessage()));
    }
  }
}
