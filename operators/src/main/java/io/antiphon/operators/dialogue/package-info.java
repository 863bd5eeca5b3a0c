/** User turns and answers with the shared LLM: prompt context, history, tool calls, playback. */
package io.antiphon.operators.dialogue;
