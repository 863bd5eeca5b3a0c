package io.antiphon.gateway.configuration;

/**
 * Which share of the partitions this node reads: those whose number leaves {@code index} when
 * divided by {@code count}.
 *
 * @param index from 0
 * @param count of nodes; the same on all
 */
public record NodeConfiguration(int index, int count) {}
