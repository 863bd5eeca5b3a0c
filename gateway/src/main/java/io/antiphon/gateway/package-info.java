/**
 * The gateway: OpenAI Realtime clients, telephones and browsers in front, Kafka topics behind.
 * Protocols are {@link io.antiphon.gateway.Protocol}s; they share the server's routes and talk to
 * conversations through one port.
 */
@NullMarked
package io.antiphon.gateway;

import org.jspecify.annotations.NullMarked;
