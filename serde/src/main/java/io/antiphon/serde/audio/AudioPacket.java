package io.antiphon.serde.audio;

/**
 * Encoded audio as it goes into one record.
 *
 * @param bytes the encoded bytes; one packet for Opus, any number of samples for the others
 * @param samples samples that the bytes decode to, at the rate of the encoder's format
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record AudioPacket(byte[] bytes, int samples) {}
