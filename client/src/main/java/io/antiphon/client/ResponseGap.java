package io.antiphon.client;

/**
 * Responses that have not come although later ones of the same turn have.
 *
 * @param firstMissing sequence of the first missing response
 * @param nextPresent sequence of the first one after it that is there
 */
public record ResponseGap(String conversationId, int turn, long firstMissing, long nextPresent) {}
