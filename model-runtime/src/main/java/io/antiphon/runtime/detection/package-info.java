/** The speech detector: Silero VAD on ONNX Runtime. */
package io.antiphon.runtime.detection;
