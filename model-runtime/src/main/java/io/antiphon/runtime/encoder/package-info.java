/** The speech encoder's batching service. Internal to the model host. */
@NullMarked
package io.antiphon.runtime.encoder;

import org.jspecify.annotations.NullMarked;
