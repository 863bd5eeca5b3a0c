package io.antiphon.operators;

import java.util.List;

/**
 * Log of an {@link OrderedStageOperator}'s conversation.
 *
 * @param carry the stage's own state between inputs, null at the beginning of a turn
 * @param waiting messages that have not left yet, in order; those that need work are worked on
 *     again
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
record StageLog(byte[] carry, List<ConversationMessage> waiting) {}
