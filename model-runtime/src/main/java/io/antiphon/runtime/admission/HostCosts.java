package io.antiphon.runtime.admission;

import org.jspecify.annotations.Nullable;

/**
 * What a host's graph calls cost on this machine, in milliseconds.
 *
 * @param encoder a whole window, by windows in the call
 * @param prefillMillis the groups of one window into the cache
 * @param step one position with its group of speech ids, by conversations in the call
 * @param detokenizer one group's ids to samples, by conversations in the call; null without
 *     detokenizer
 */
public record HostCosts(
    CostCurve encoder, double prefillMillis, CostCurve step, @Nullable CostCurve detokenizer) {}
