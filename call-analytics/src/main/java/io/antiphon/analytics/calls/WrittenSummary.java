package io.antiphon.analytics.calls;

/**
 * The text of a summary as a model wrote it.
 *
 * @param text sentences of which every quote stands in the transcript
 * @param omittedSegments utterances that the model was not given because its context was full
 */
public record WrittenSummary(String text, int omittedSegments) {}
