/**
 * Runs a bundle: log-mel, speech encoder, grouping, shared LLM with refined head, detokenizer.
 * Knows nothing of streams, topics or checkpoints of a dataflow; everything about the model comes
 * from the bundle.
 */
@NullMarked
package io.antiphon.runtime;

import org.jspecify.annotations.NullMarked;
