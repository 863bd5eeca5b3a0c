/** Serializers and deserializers for Kafka's clients, and the names of the topics. */
@NullMarked
package io.antiphon.serde.kafka;

import org.jspecify.annotations.NullMarked;
