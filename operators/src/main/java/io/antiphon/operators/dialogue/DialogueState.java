package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.message.ConversationMessage.Sequenced;
import io.antiphon.operators.message.ConversationSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Log of the response operator's {@link ConversationDialogue}: everything that the session at the
 * host is made of, and what has been sent on.
 *
 * @param settings null when the conversation has not begun
 * @param nextTurn of the next answer
 * @param notices written so far
 * @param rounds history, oldest first
 * @param listening the caller's present turn; with an answer under way to a spoken question, that
 *     question
 * @param overflow whether the present turn is too long for the context
 * @param waiting input that waits for the answer under way, in order
 * @param calls tool calls that wait for results: id to result, null until it came
 * @param answer under way, or null
 * @param last the answer before, or null
 * @param overlaps speech over answers whose turn has not ended yet
 * @param playedTurn the answer that was last acknowledged, -1 when none was
 * @param playedMillis of it
 * @param own what the conversation goes back to behind an answer that is made apart, or null
 * @param kept the turn without an answer whose transcript is made, or null
 * @param keys runs of keys that were pressed so far
 * @param mediaMillis media time that is known, -1 for none
 */
public record DialogueState(
    @Nullable ConversationSettings settings,
    int nextTurn,
    long notices,
    List<Exchange> rounds,
    List<Groups> listening,
    boolean overflow,
    List<Sequenced> waiting,
    Map<String, String> calls,
    @Nullable AnswerState answer,
    @Nullable PlayedAnswer last,
    List<Overlap> overlaps,
    int playedTurn,
    long playedMillis,
    @Nullable OwnContext own,
    @Nullable AnswerState kept,
    int keys,
    long mediaMillis) {

  /** The same with another history and present turn. */
  DialogueState with(List<Exchange> otherRounds, List<Groups> otherListening) {
    return new DialogueState(
        settings,
        nextTurn,
        notices,
        otherRounds,
        otherListening,
        overflow,
        waiting,
        calls,
        answer,
        last,
        overlaps,
        playedTurn,
        playedMillis,
        own,
        kept,
        keys,
        mediaMillis);
  }
}
