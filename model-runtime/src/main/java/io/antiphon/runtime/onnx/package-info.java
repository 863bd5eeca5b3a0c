/** Graphs and tensors in ONNX Runtime; internal to the model host. */
@NullMarked
package io.antiphon.runtime.onnx;

import org.jspecify.annotations.NullMarked;
