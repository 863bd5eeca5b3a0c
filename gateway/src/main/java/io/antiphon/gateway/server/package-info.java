/**
 * HTTP and WebSocket without a protocol: routes, connections with bounded queues, strands. The only
 * package that knows Jetty.
 */
@NullMarked
package io.antiphon.gateway.server;

import org.jspecify.annotations.NullMarked;
