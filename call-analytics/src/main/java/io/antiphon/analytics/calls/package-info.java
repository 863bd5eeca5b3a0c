/**
 * A whole call: frames and texts in, transcript, events, live figures and one summary out. The
 * summary is assembled here and nowhere else.
 */
@NullMarked
package io.antiphon.analytics.calls;

import org.jspecify.annotations.NullMarked;
