package io.antiphon.gateway.conversation;

/**
 * A piece of an answer's audio.
 *
 * @param sequence counts the answer's pieces from 0
 * @param offsetMillis where it starts in the answer's audio
 * @param last nothing follows; {@code bytes} may be empty
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record AudioPiece(long sequence, long offsetMillis, byte[] bytes, boolean last) {}
