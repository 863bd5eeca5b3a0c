package io.antiphon.runtime.detokenizer;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.SlotTensor;
import io.antiphon.runtime.onnx.TensorSlices;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The streaming detokenizer graph: ids of several streams, equally many each, and their states in;
 * samples and states out. States lie in preallocated tensors, one row for each stream of the batch.
 * Not thread safe; each thread has its own around one session.
 */
final class DetokenizerGraph implements AutoCloseable {
  private final OrtSession session;
  private final Manifest.StreamingDetokenizer detokenizer;
  private final List<SlotTensor> before = new ArrayList<>();
  private final List<SlotTensor> after = new ArrayList<>();
  private final TensorSlices slices = new TensorSlices();
  private ByteBuffer idBuffer = direct(0);
  private ByteBuffer pcmBuffer = direct(0);

  DetokenizerGraph(OrtSession session, Manifest.StreamingDetokenizer detokenizer, int batch) {
    this.session = session;
    this.detokenizer = detokenizer;
    for (Manifest.State state : detokenizer.states()) {
      long[] shape = state.shape().stream().mapToLong(Integer::longValue).toArray();
      before.add(SlotTensor.batch(type(state.type()), batch, shape));
      after.add(SlotTensor.batch(type(state.type()), batch, shape));
    }
  }

  /**
   * @param ids of each stream, all of one length
   * @param states of each stream; advanced
   * @return samples of each stream, ids x samplesPerToken
   */
  List<float[]> run(List<int[]> ids, List<DetokenizerState> states) throws OrtException {
    slices.trim();
    int batch = ids.size();
    int length = ids.get(0).length;
    idBuffer = atLeast(idBuffer, batch * length * Long.BYTES);
    pcmBuffer = atLeast(pcmBuffer, batch * length * detokenizer.samplesPerToken() * Float.BYTES);
    LongBuffer idValues = idBuffer.asLongBuffer();
    FloatBuffer pcm = pcmBuffer.asFloatBuffer();
    ids.forEach(row -> put(idValues, row));
    idValues.flip();
    pcm.limit(batch * length * detokenizer.samplesPerToken());
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    for (int i = 0; i < before.size(); i++) {
      String name = detokenizer.states().get(i).name();
      int rowBytes = before.get(i).rowBytes();
      for (int row = 0; row < batch; row++) {
        before.get(i).bytes().put(row * rowBytes, states.get(row).values[i]);
      }
      inputs.put("state." + name, slices.of(before.get(i), 0, batch));
      outputs.put("next." + name, slices.of(after.get(i), 0, batch));
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    long[] idShape = {batch, length};
    long[] pcmShape = {batch, (long) length * detokenizer.samplesPerToken()};
    try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, idValues, idShape);
        OnnxTensor pcmTensor = OnnxTensor.createTensor(environment, pcm, pcmShape)) {
      inputs.put("ids", idTensor);
      outputs.put("pcm", pcmTensor);
      session.run(inputs, Set.of(), outputs).close();
    }
    for (int i = 0; i < after.size(); i++) {
      int rowBytes = after.get(i).rowBytes();
      for (int row = 0; row < batch; row++) {
        after.get(i).bytes().get(row * rowBytes, states.get(row).values[i]);
      }
    }
    List<float[]> samples = new ArrayList<>(batch);
    for (int row = 0; row < batch; row++) {
      float[] own = new float[length * detokenizer.samplesPerToken()];
      pcm.get(row * own.length, own);
      samples.add(own);
    }
    return samples;
  }

  private static void put(LongBuffer target, int[] ids) {
    for (int id : ids) {
      target.put(id);
    }
  }

  /** The buffer, or a larger one. */
  private static ByteBuffer atLeast(ByteBuffer buffer, int bytes) {
    return buffer.capacity() >= bytes ? buffer : direct(2 * bytes);
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  static OnnxJavaType type(Manifest.ElementType type) {
    return switch (type) {
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case UINT8 -> OnnxJavaType.UINT8;
      case BOOL -> OnnxJavaType.BOOL;
    };
  }

  /** Closes the tensors; the session is the owner's. */
  @Override
  public void close() {
    slices.close();
  }
}
