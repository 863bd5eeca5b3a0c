/**
 * The port between protocols and topics. A protocol opens a {@link
 * io.antiphon.gateway.conversation.CallSession}, tells it what the caller does and hears through a
 * {@link io.antiphon.gateway.conversation.CallListener} what the dataflow answers. Nothing in here
 * knows a protocol; nothing outside knows a topic.
 */
@NullMarked
package io.antiphon.gateway.conversation;

import org.jspecify.annotations.NullMarked;
