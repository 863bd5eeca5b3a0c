/** From speech tokens to audio on the topic, and the completed turn. */
package io.antiphon.operators.speech;
