/**
 * Antiphon's Flink operators: from the raw records of {@code audio-chunks} to speech and text
 * responses. {@link io.antiphon.operators.Dataflow} puts them together; everything else that is
 * public is settings and types at its edges.
 */
@NullMarked
package io.antiphon.operators;

import org.jspecify.annotations.NullMarked;
