package io.antiphon.operators.flink;

import io.antiphon.operators.message.ConversationMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Log of an {@link OrderedStageOperator}'s conversation.
 *
 * @param carry the stage's own state between inputs, null at the beginning of a turn
 * @param waiting messages that have not left yet, in order; those that need work are worked on
 *     again
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
public record StageState(byte @Nullable [] carry, List<ConversationMessage> waiting) {}
