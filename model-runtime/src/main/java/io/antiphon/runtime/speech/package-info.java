/** Samples to log-mel windows, frames to groups. */
@NullMarked
package io.antiphon.runtime.speech;

import org.jspecify.annotations.NullMarked;
