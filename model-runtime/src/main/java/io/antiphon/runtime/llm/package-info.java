/**
 * The shared LLM and refined head in one loop: slab, logs, scheduling; internal to the model host.
 */
package io.antiphon.runtime.llm;
