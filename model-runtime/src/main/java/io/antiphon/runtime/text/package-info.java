/** Tokenizer and prompts. */
package io.antiphon.runtime.text;
