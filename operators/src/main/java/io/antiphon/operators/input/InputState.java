package io.antiphon.operators.input;

/**
 * Log of the conversation operator's {@link ConversationInput}, in the bytes that the conversation
 * itself writes and reads.
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
public record InputState(byte[] bytes) {}
