/**
 * The shared LLM and refined head in one loop: slab, logs, scheduling; internal to the model host.
 */
@NullMarked
package io.antiphon.runtime.llm;

import org.jspecify.annotations.NullMarked;
