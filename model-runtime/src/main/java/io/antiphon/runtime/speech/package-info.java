/** Samples to log-mel windows, frames to groups. */
package io.antiphon.runtime.speech;
