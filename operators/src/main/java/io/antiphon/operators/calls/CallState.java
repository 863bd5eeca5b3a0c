package io.antiphon.operators.calls;

/** Log of a {@link LiveCall}, in the bytes that the call itself writes and reads. */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
public record CallState(byte[] bytes) {}
