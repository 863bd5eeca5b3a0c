/**
 * The audio of the topics: a caller's bytes to 16 kHz samples and an answer's 24 kHz samples to the
 * bytes that the caller asked for, piece by piece, with a state that goes on where it stood, bit
 * for bit. {@link io.antiphon.serde.audio.SampleCoding} is the only place where samples in [-1, 1]
 * and 16-bit samples become each other.
 */
@NullMarked
package io.antiphon.serde.audio;

import org.jspecify.annotations.NullMarked;
