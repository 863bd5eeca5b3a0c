/** The speech detector: Silero VAD on ONNX Runtime. */
@NullMarked
package io.antiphon.runtime.detection;

import org.jspecify.annotations.NullMarked;
