/** The first stage: order of events, decoding of audio, user turns, admission, dead letters. */
@NullMarked
package io.antiphon.operators.input;

import org.jspecify.annotations.NullMarked;
