/** Batching threads around the encoder and the detokenizer; internal to the model host. */
package io.antiphon.runtime.service;
