/** From the sound of a call's channels to its analysis: detector, utterances, their texts. */
@NullMarked
package io.antiphon.operators.calls;

import org.jspecify.annotations.NullMarked;
