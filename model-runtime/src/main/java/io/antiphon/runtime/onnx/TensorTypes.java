package io.antiphon.runtime.onnx;

import ai.onnxruntime.OnnxJavaType;

/** The numbers of element types in ONNX Runtime's C interface, as in ONNX's TensorProto. */
final class TensorTypes {
  private TensorTypes() {}

  static int code(OnnxJavaType type) {
    return switch (type) {
      case FLOAT -> 1;
      case UINT8 -> 2;
      case INT8 -> 3;
      case INT16 -> 5;
      case INT32 -> 6;
      case INT64 -> 7;
      case BOOL -> 9;
      case FLOAT16 -> 10;
      case DOUBLE -> 11;
      case BFLOAT16 -> 16;
      default ->
          throw new IllegalArgumentException(
              "tensors of " + type + " cannot be bound, expected numbers or flags");
    };
  }
}
