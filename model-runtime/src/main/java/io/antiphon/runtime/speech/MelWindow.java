package io.antiphon.runtime.speech;

/**
 * A window of log-mel for the speech encoder.
 *
 * @param mel {@code [melBins x frames]}, row-major
 * @param frames 1 to the manifest's {@code windowFrames}
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
public record MelWindow(float[] mel, int frames) {}
