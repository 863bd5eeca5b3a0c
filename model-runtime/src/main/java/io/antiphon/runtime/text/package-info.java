/** Tokenizer and prompts. */
@NullMarked
package io.antiphon.runtime.text;

import org.jspecify.annotations.NullMarked;
