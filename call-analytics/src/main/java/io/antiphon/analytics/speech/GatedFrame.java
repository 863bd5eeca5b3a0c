package io.antiphon.analytics.speech;

/**
 * A frame with the decision whether the channel's own party speaks in it.
 *
 * @param frame the detector's frame
 * @param own the sound is not the other party's leak
 * @param speech the probability is high enough, and the sound is the party's own
 */
public record GatedFrame(SpeechFrame frame, boolean own, boolean speech) {}
