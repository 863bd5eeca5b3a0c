package io.antiphon.operators;

/**
 * Log of the conversation operator's {@link Conversation}, in the bytes that the conversation
 * itself writes and reads.
 *
 * @param version of the bytes' format
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
record ConversationLog(int version, byte[] bytes) {}
