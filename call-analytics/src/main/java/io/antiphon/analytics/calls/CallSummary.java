package io.antiphon.analytics.calls;

import io.antiphon.analytics.figures.CallFigures;
import io.antiphon.analytics.rules.CategoryMatch;
import java.util.List;
import java.util.SortedMap;

/**
 * All that is said of a call when it is over; one for every call that began.
 *
 * @param callId names the call
 * @param startedAt epoch milliseconds of media time 0; -1 if unknown
 * @param attributes as given at its begin
 * @param endReason why it ended: "ENDED" or what the source says
 * @param figures of the call
 * @param participants by channel
 * @param rolesSeemSwapped whether the customer's channel sounds like the agent's, see RoleCheck
 * @param categories those that fit, in the rule set's order
 * @param rules version of the rule set
 * @param model names what recognised the words
 * @param lostMillis audio that never came, both channels together
 * @param lateChunks pieces of audio that came too late to be used
 * @param failedUtterances utterances that could not be recognised
 * @param issue the first thing of three words or more that the customer said; empty if nothing
 * @param actions names of the tools that were called, in order
 * @param text what happened, in a few sentences
 * @param textSource what wrote them: the template makes them of the fields above
 * @param omittedSegments utterances that a model that wrote them was not given, see SummaryPrompt
 * @param transcript the utterances in the order in which they ended
 */
public record CallSummary(
    String callId,
    long startedAt,
    SortedMap<String, String> attributes,
    String endReason,
    CallFigures figures,
    List<ParticipantSummary> participants,
    boolean rolesSeemSwapped,
    List<CategoryMatch> categories,
    String rules,
    String model,
    long lostMillis,
    int lateChunks,
    int failedUtterances,
    String issue,
    List<String> actions,
    String text,
    TextSource textSource,
    int omittedSegments,
    List<TranscriptSegment> transcript) {
  public CallSummary {
    participants = List.copyOf(participants);
    categories = List.copyOf(categories);
    actions = List.copyOf(actions);
    transcript = List.copyOf(transcript);
  }

  /** The same with the name of what recognised the words. */
  public CallSummary withModel(String name) {
    return with(name, text, textSource, omittedSegments);
  }

  /** The same with a text that a model wrote. */
  public CallSummary withText(WrittenSummary written) {
    return with(model, written.text(), TextSource.MODEL, written.omittedSegments());
  }

  private CallSummary with(String name, String otherText, TextSource source, int omitted) {
    return new CallSummary(
        callId,
        startedAt,
        attributes,
        endReason,
        figures,
        participants,
        rolesSeemSwapped,
        categories,
        rules,
        name,
        lostMillis,
        lateChunks,
        failedUtterances,
        issue,
        actions,
        otherText,
        source,
        omitted,
        transcript);
  }
}
