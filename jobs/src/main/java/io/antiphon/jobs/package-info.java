/**
 * The jobs: a dataflow between Kafka's topics. Knows of no runner; a cluster or {@code local}
 * starts it.
 */
@NullMarked
package io.antiphon.jobs;

import org.jspecify.annotations.NullMarked;
