/**
 * Sentiment from words: VADER (Hutto and Gilbert, 2014), with the words that made a score. It
 * judges what is said, not how it sounds.
 */
@NullMarked
package io.antiphon.analytics.sentiment;

import org.jspecify.annotations.NullMarked;
