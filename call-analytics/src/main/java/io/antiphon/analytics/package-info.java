/**
 * Analytics of calls with two parties, as pure functions of media time: what stands here needs
 * neither Flink nor Kafka nor a model.
 *
 * <p>Media time is counted in milliseconds from the call's begin by the samples of a channel, gaps
 * included. No class reads a clock. Given the same input in the same order, every class gives the
 * same output, however the input was cut; therefore a live call, its recording and a replay of its
 * topics give the same bytes.
 *
 * <p>Objects that take a stream are for one thread at a time; records are immutable.
 */
@NullMarked
package io.antiphon.analytics;

import org.jspecify.annotations.NullMarked;
