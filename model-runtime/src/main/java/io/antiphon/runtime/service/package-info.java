/**
 * The queue and the threads that the encoder and the detokenizer work with; internal to the model
 * host.
 */
@NullMarked
package io.antiphon.runtime.service;

import org.jspecify.annotations.NullMarked;
