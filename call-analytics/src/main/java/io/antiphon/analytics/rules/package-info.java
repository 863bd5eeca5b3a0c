/**
 * Categories of calls by rules: words and phrases, sentiment, silence, interruptions, and their
 * combinations. A rule set has a version; the same rules over the same facts give the same matches,
 * while the call lasts and over last year's.
 */
@NullMarked
package io.antiphon.analytics.rules;

import org.jspecify.annotations.NullMarked;
