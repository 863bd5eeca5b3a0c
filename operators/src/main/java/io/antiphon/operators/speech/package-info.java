/** From speech tokens to audio on the topic, and the completed turn. */
@NullMarked
package io.antiphon.operators.speech;

import org.jspecify.annotations.NullMarked;
