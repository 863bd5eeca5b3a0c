/** Graphs and tensors in ONNX Runtime; internal to the model host. */
package io.antiphon.runtime.onnx;
