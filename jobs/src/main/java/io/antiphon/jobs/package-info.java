/**
 * The jobs: a dataflow between Kafka's topics. Knows of no runner; a cluster or {@code local}
 * starts it.
 */
package io.antiphon.jobs;
