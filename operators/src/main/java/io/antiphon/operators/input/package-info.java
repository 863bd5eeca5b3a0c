/** The first stage: order of events, decoding of audio, user turns, admission, dead letters. */
package io.antiphon.operators.input;
