/** Serializers and deserializers for Kafka's clients, and the names of the topics. */
package io.antiphon.serde.kafka;
