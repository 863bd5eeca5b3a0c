package io.antiphon.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that ends while a call into the library is under way, which lasts so long that every
 * other shutdown hook has run before it is over. Ends with {@value #CODE}.
 */
final class CallAtTheEnd {
  static final int CODE = 7;
  private static final int WINDOWS = 64;
  private static final int SAMPLES = 576;
  private static final int CELLS = 128;

  private CallAtTheEnd() {}

  public static void main(String[] arguments) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    byte[] graph;
    try (var in =
        CallAtTheEnd.class.getResourceAsStream("/io/antiphon/runtime/detection/silero-vad.onnx")) {
      graph = in.readAllBytes();
    }
    try (OrtSession session = environment.createSession(graph);
        OnnxTensor audio = zeros(environment, WINDOWS, SAMPLES);
        OnnxTensor hidden = zeros(environment, 1, 1, CELLS);
        OnnxTensor cell = zeros(environment, 1, 1, CELLS);
        NativeCalls.Call call = NativeCalls.begin()) {
      Thread exit = new Thread(() -> System.exit(CODE));
      exit.start();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(700);
      while (System.nanoTime() < end) {
        session.run(Map.of("input", audio, "h", hidden, "c", cell)).close();
      }
    }
  }

  private static OnnxTensor zeros(OrtEnvironment environment, long... shape) throws Exception {
    int size = 1;
    for (long dimension : shape) {
      size *= (int) dimension;
    }
    return OnnxTensor.createTensor(environment, FloatBuffer.allocate(size), shape);
  }
}
