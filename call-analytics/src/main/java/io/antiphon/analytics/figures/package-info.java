/**
 * The figures of a call: talk, overtalk, non-talk, interruptions, response times, talk speed,
 * loudness. Live figures are those of a call that ended at the frontier, so live and final figures
 * have one definition.
 */
@NullMarked
package io.antiphon.analytics.figures;

import org.jspecify.annotations.NullMarked;
