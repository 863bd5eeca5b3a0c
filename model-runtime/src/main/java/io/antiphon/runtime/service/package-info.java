/**
 * The queue and the threads that the encoder and the detokenizer work with; internal to the model
 * host.
 */
package io.antiphon.runtime.service;
