/**
 * A caller of Antiphon over Kafka: connection, pacing, scripted turns, and the reader that drops
 * duplicates and restores the order.
 */
package io.antiphon.client;
