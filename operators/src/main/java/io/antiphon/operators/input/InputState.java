package io.antiphon.operators.input;

/**
 * Log of the conversation operator's {@link ConversationInput}, in the bytes that the conversation
 * itself writes and reads.
 *
 * @param version of the bytes' format
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
public record InputState(int version, byte[] bytes) {}
