/** User turns and answers with the shared LLM: prompt context, history, tool calls, playback. */
@NullMarked
package io.antiphon.operators.dialogue;

import org.jspecify.annotations.NullMarked;
