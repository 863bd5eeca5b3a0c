package io.antiphon.analytics.speech;

/**
 * A frame with the decision whether the channel's own party speaks in it.
 *
 * @param frame the detector's frame
 * @param speech the probability is high enough and the sound is not the other party's leak
 */
public record GatedFrame(SpeechFrame frame, boolean speech) {}
