/**
 * A caller of Antiphon over Kafka: connection, pacing, scripted turns, and the reader that drops
 * duplicates and restores the order.
 */
@NullMarked
package io.antiphon.client;

import org.jspecify.annotations.NullMarked;
