/**
 * Masks personal data in what leaves: in texts and words, and by stretches of media time in the
 * sound. Redaction happens once, before anything else sees a text.
 */
@NullMarked
package io.antiphon.analytics.redaction;

import org.jspecify.annotations.NullMarked;
