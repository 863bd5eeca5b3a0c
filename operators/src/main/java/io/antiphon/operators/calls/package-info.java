/** From the sound of a call's channels to its analysis: detector, utterances, their texts. */
package io.antiphon.operators.calls;
