/** The detokenizer's batching service. Internal to the model host. */
@NullMarked
package io.antiphon.runtime.detokenizer;

import org.jspecify.annotations.NullMarked;
