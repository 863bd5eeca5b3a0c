/** The detokenizer's batching service. Internal to the model host. */
package io.antiphon.runtime.detokenizer;
