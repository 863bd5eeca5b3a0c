/**
 * From speech probabilities to segments and utterances: the crosstalk gate, the merging of pieces,
 * the cutting of utterances, and what is wrong with the channels of a call.
 */
@NullMarked
package io.antiphon.analytics.speech;

import org.jspecify.annotations.NullMarked;
